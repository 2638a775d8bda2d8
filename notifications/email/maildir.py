"""The double of an SMTP server: mails land in a maildir that any mail program, or `less`, can read.

Nothing leaves the machine. Files appear in `new/` only when complete, as maildir demands.
"""

import asyncio
import mailbox
from email.message import EmailMessage
from pathlib import Path

from app.kit.clock import Clock
from notifications.email.mime import build_message
from notifications.email.port import Email


class MaildirSender:
    """An `EmailSender` that writes each mail into a maildir."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, email: Email) -> None:
        """Write one mail; raises EmailNotSentError for an address that no header may hold."""
        message = build_message(email, self._sender, self._clock.now())
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(self._folder, create=True).add(message)
