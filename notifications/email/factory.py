"""Which e-mail sender the settings ask for."""

from app.kit.clock import Clock
from app.kit.settings import Settings
from notifications.email.maildir import MaildirSender
from notifications.email.port import EmailSender
from notifications.email.smtp import SmtpSender, SmtpServer

MAILDIR_NAME = "mail"


def email_sender(settings: Settings, clock: Clock) -> EmailSender:
    """Return the SMTP sender where a server is set, else the maildir `mail` in the data folder."""
    if settings.smtp_host is None:
        return MaildirSender(settings.data_dir / MAILDIR_NAME, settings.mail_from, clock)
    password = settings.smtp_password
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=password.get_secret_value() if password is not None else None,
        starttls=settings.smtp_starttls,
    )
    return SmtpSender(server, settings.mail_from, clock)
