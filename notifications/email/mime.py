"""An e-mail as a MIME message: plain text with an HTML alternative (RFC 5322, RFC 2046)."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from notifications.email.port import Email, EmailNotSentError


def build_message(email: Email, sender: str, sent_at: datetime) -> EmailMessage:
    """Return the message from a sender ("Brand <no-reply@brand.example>") at a time.

    Raises EmailNotSentError, permanent, for an address or a subject that no header may hold, and for an address
    with a local part outside ASCII.
    """
    message = EmailMessage(policy=SMTP)
    try:
        name, address = parseaddr(sender)
        message["From"] = Address(name, addr_spec=_in_ascii(address))
        message["To"] = Address(addr_spec=_in_ascii(email.to))
        message["Subject"] = email.subject
    except (ValueError, IndexError) as error:
        raise EmailNotSentError(f"bad address or subject: {error}", permanent=True) from error
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = _message_id(email.key, sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.plain)
    message.add_alternative(email.html, subtype="html")
    return message


def _in_ascii(address: str) -> str:
    """Return an address with its domain as DNS spells it (IDNA), which every server takes."""
    local, at, domain = address.rpartition("@")
    return local + at + domain.encode("idna").decode("ascii")


def _message_id(key: str, sender: str) -> str:
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
