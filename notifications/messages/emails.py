"""The e-mails of an account, as subject, plain text and simple HTML, in the reader's language.

Both forms say the same from the same catalogue entries. Every value is escaped in the HTML, and the link is
also written out, for clients that show no links.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from html import escape

from notifications.messages.catalogue import language_of, text
from notifications.messages.formats import format_duration

_HTML_FRAME = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"></head>
<body>
{body}
</body>
</html>
"""


class EmailKind(StrEnum):
    """The e-mails an account can get; also the key of the texts in the catalogues."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a kind of message, not a password


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A one-time link for an account: the brand that sends it, the address to open, how long it works."""

    brand_name: str
    link: str
    valid_for: timedelta


@dataclass(frozen=True, slots=True)
class EmailText:
    """An e-mail's content without its addresses."""

    subject: str
    plain: str
    html: str


def render_email(kind: EmailKind, content: AccountLink, locale: str | None) -> EmailText:
    """Return an e-mail for a reader of a locale ("de-DE"); a language we do not have gets English."""
    language = language_of(locale)
    stem = f"email.{kind.lower()}"
    values = email_values(content, language)
    intro, action, validity, outro = (
        text(language, f"{stem}.{part}", **values) for part in ("intro", "action", "validity", "outro")
    )
    plain = f"{intro}\n\n{action}:\n{content.link}\n\n{validity}\n\n{outro}\n\n{content.brand_name}\n"
    paragraphs = (
        escape(intro),
        f'<a href="{escape(content.link)}">{escape(action)}</a>',
        f"<small>{escape(content.link)}</small>",
        escape(validity),
        escape(outro),
        escape(content.brand_name),
    )
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    html = _HTML_FRAME.format(language=language, body=body)
    return EmailText(subject=text(language, f"{stem}.subject", **values), plain=plain, html=html)


def email_values(content: AccountLink, language: str) -> dict[str, str]:
    """Return the formatted values the texts of an account e-mail may use."""
    return {"brand": content.brand_name, "duration": format_duration(content.valid_for, language)}
