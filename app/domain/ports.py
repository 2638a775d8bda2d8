"""What the domain needs from outside, as protocols; `app.server.wiring` is the only place that knows who fulfils them.

Calls that leave the process (`ChargerGateway`, `Payments.place_hold` …) are made between transactions, never inside
one, and may be repeated after a crash: each is idempotent by the ids it is given. Methods that take a `UnitOfWork`
only touch its rows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.commands import Command, CommandOutcome
from app.kit.money import Money


class ChargerGateway(Protocol):
    """Sends a command to a charger, in whichever process holds its socket."""

    async def send(
        self, tenant_id: UUID, charger_id: UUID, command: Command, *, timeout_seconds: int
    ) -> CommandOutcome:
        """Return what became of it. Never raises for the charger's sake: silence is `TIMED_OUT`, no socket
        `OFFLINE`.
        """
        ...


class HoldStatus(StrEnum):
    """What became of a hold. UNKNOWN: the processor did not answer; the same call will tell later."""

    AUTHORISED = "AUTHORISED"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class HoldResult:
    """A hold as the processor reports it; `client_secret` lets the app's SDK authenticate the card."""

    status: HoldStatus
    client_secret: str | None = None
    failure_code: str | None = None


class Payments(Protocol):
    """The payment of a session: one hold, then one capture or release."""

    async def prepare_hold(
        self,
        uow: UnitOfWork,
        *,
        session_id: UUID,
        driver_id: UUID,
        amount: Money,
        payment_method_id: UUID | None,
    ) -> None:
        """Create the session's payment row. Raises UserError: NO_PAYMENT_METHOD, OPEN_DEBT."""
        ...

    async def place_hold(self, tenant_id: UUID, session_id: UUID, *, off_session: bool = False) -> HoldResult:
        """Hold the prepared amount; the same call again returns the same hold."""
        ...

    async def read_hold(self, tenant_id: UUID, session_id: UUID) -> HoldResult:
        """Read the hold anew from the processor and store what it says."""
        ...

    async def release(self, tenant_id: UUID, session_id: UUID) -> None:
        """Give the whole hold back. Raises where the processor did not confirm it: repeat."""
        ...

    async def settle(self, tenant_id: UUID, session_id: UUID) -> str:
        """Book the session's rating in the ledger, capture, issue the receipt; what cannot be taken becomes debt.

        Returns the receipt's number. Idempotent. Raises where the processor's answer is unknown: repeat.
        """
        ...


class PaymentStanding(Protocol):
    """Whether a driver could pay for a charge that begins now, told from our own rows."""

    async def may_charge(self, uow: UnitOfWork, driver_id: UUID) -> bool:
        """Return whether the driver has a usable card and no open debt."""
        ...


class Notifier(Protocol):
    """Tells drivers things."""

    async def notify(
        self, uow: UnitOfWork, *, driver_id: UUID, kind: str, payload: dict[str, Any], dedupe_key: str
    ) -> None:
        """Queue one notification in the unit of work; the same dedupe key again does nothing."""
        ...
