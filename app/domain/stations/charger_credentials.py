"""Passwords of chargers: made by us, long and random, so a salted SHA-256 HMAC is enough where people's passwords
need argon2.

Chargers disagree about the form of an authorization key: some send it as configured, some its hexadecimal spelling,
some the bytes that the hexadecimal spells (OCPP 1.6 security whitepaper A00.FR.207, OCPP 2.0.1 A00.FR.205). All
three are the same key.
"""

import hashlib
import hmac
import secrets

from app.kit.ids import new_readable_code

_SCHEME = "sha256"
_EITHER = "|"
_PASSWORD_LENGTH = 32  # 160 random bits; OCPP 2.0.1 allows 16 to 40 characters


def new_charger_password() -> str:
    """Return a new password: upper-case characters that every charger's configuration page accepts."""
    return new_readable_code(_PASSWORD_LENGTH)


def hash_charger_password(password: str) -> str:
    """Return `sha256$salt$digest` of a password, for storage."""
    salt = secrets.token_hex(16)
    return f"{_SCHEME}${salt}${_digest(salt, password.encode())}"


def accept_either(new: str, old: str) -> str:
    """Return what is stored while a charger may use its new or its old password, which may itself be one of two."""
    return _EITHER.join((new, *old.split(_EITHER)[:2]))


def verify_charger_password(presented: bytes, stored: str) -> bool:
    """Tell whether the bytes of a Basic credential are the stored password, in any of its forms; in constant time.

    During a rotation either of two passwords is accepted.
    """
    matches = [_is(presented, one) for one in stored.split(_EITHER)]
    return any(matches)


def _is(presented: bytes, stored: str) -> bool:
    scheme, _, rest = stored.partition("$")
    salt, _, expected = rest.partition("$")
    if scheme != _SCHEME or not expected:
        return False
    matches = [hmac.compare_digest(_digest(salt, form), expected) for form in _forms(presented)]
    return any(matches)


def _digest(salt: str, password: bytes) -> str:
    return hmac.new(salt.encode(), password, hashlib.sha256).hexdigest()


def _forms(presented: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the credential as it came, as the bytes its hexadecimal spells, and spelt in hexadecimal."""
    try:
        spelt = bytes.fromhex(presented.decode("ascii"))
    except ValueError:
        spelt = presented
    return presented, spelt, presented.hex().encode(), presented.hex().upper().encode()
