"""What an e-mail sender takes, so that nothing else knows of SMTP."""

from dataclasses import dataclass
from typing import Protocol

from app.kit.errors import VoltlaneError


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail to one reader.

    `key` is unique to what the mail says and becomes its Message-ID, so that a copy sent twice can be told by the
    reader's mail program.
    """

    key: str
    to: str
    subject: str
    plain: str
    html: str


class EmailNotSentError(VoltlaneError):
    """The mail was not accepted; `permanent` tells that it never will be, so that nobody tries again."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class EmailSender(Protocol):
    """Anything that delivers e-mail."""

    async def send(self, email: Email) -> None:
        """Hand one mail over; raises EmailNotSentError where it was not accepted."""
        ...
