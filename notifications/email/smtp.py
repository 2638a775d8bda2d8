"""E-mail over SMTP (RFC 5321), a connection a mail: account mails are few, and no idle connection can go stale."""

import ssl
from dataclasses import dataclass

import aiosmtplib

from app.kit.clock import Clock
from notifications.email.mime import build_message
from notifications.email.port import Email, EmailNotSentError

SMTPS_PORT = 465
"""On this port TLS begins with the connection (RFC 8314); elsewhere by STARTTLS."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server and how to talk to it; `starttls` insists on TLS, False sends in the clear (loopback relays)."""

    host: str
    port: int = 587
    username: str | None = None
    password: str | None = None
    starttls: bool = True
    tls_context: ssl.SSLContext | None = None
    timeout_seconds: float = 20


class SmtpSender:
    """An `EmailSender` that hands mails to an SMTP server."""

    def __init__(self, server: SmtpServer, sender: str, clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock

    async def send(self, email: Email) -> None:
        """Hand one mail to the server; raises EmailNotSentError where it was not accepted."""
        server = self._server
        implicit_tls = server.port == SMTPS_PORT
        message = build_message(email, self._sender, self._clock.now())
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=implicit_tls,
                start_tls=server.starttls and not implicit_tls,
                tls_context=server.tls_context,
                timeout=server.timeout_seconds,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise EmailNotSentError(f"{type(error).__name__}: {error}", permanent=_is_permanent(error)) from error


def _is_permanent(error: Exception) -> bool:
    """Tell whether the server refused this mail for good (5yz, RFC 5321 4.2.1); a login problem is ours to mend."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_permanent(refused) for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return False
    about_the_mail = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError)
    return isinstance(error, about_the_mail) and error.code // 100 == 5  # noqa: PLR2004 - 5yz
