"""What accounts need from outside: mails that carry a one-time link, and proof of who signed in at Firebase."""

from dataclasses import dataclass
from typing import Protocol

from app.db.uow import UnitOfWork
from app.domain.drivers.tables import Driver, OneTimeToken


class AccountMailer(Protocol):
    """Sends the mails of an account after the caller's transaction commits; only touches the unit of work.

    What it stores names the one-time token by its row: the link's secret is derived when the mail is written.
    """

    async def send_verification(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Have the link sent that verifies the driver's address."""
        ...

    async def send_password_reset(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Have the link sent that lets the driver choose a new password."""
        ...


@dataclass(frozen=True, slots=True)
class FirebaseIdentity:
    """What a Firebase ID token proves. `email` is a claim of its owner unless `email_verified`."""

    subject: str
    email: str | None
    email_verified: bool
    name: str | None


class IdTokenVerifier(Protocol):
    """Checks Firebase ID tokens; may call the network, so never inside a transaction."""

    async def verify(self, id_token: str) -> FirebaseIdentity:
        """Return who the token speaks for. Raises TokenInvalidError, TokenExpiredError."""
        ...
