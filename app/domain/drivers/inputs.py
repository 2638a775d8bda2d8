"""What an account's texts look like once accepted: one spelling of an e-mail address, plain names, known locale forms.

Addresses are ASCII and lower case with their domain as DNS spells it (IDNA), so that one mailbox is one
account.
"""

import re
import unicodedata

from app.kit.errors import InvalidInputError

MAX_EMAIL = 254
"""RFC 5321 4.5.3.1.3, less the two angle brackets."""
MAX_NAME = 100
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")


def normalise_email(raw: str) -> str:
    """Return an address in its one spelling. Raises InvalidInputError."""
    local, _, domain = raw.strip().rpartition("@")
    try:
        email = f"{local}@{domain.encode('idna').decode('ascii')}".lower()
    except UnicodeError:
        email = ""
    if len(email) > MAX_EMAIL or _EMAIL.fullmatch(email) is None:
        raise InvalidInputError("This is not an e-mail address.", field="email")
    return email


def normalise_name(raw: str | None) -> str | None:
    """Return a name without surrounding space, None where empty. Raises InvalidInputError."""
    name = (raw or "").strip()
    if len(name) > MAX_NAME or any(unicodedata.category(letter)[0] == "C" for letter in name):
        raise InvalidInputError(f"A name has at most {MAX_NAME} printable characters.", field="name")
    return name or None


def normalise_locale(raw: str) -> str:
    """Return a language with an optional country ("de", "en-GB"). Raises InvalidInputError."""
    locale = raw.strip().replace("_", "-")
    if _LOCALE.fullmatch(locale) is None:
        raise InvalidInputError('A locale looks like "de" or "en-GB".', field="locale")
    return locale
