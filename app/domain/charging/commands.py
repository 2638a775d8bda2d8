"""Commands to chargers in no version's words, and what became of them.

The bridge translates them to OCPP 1.6 or 2.x. EVSE and connector numbers and transaction ids are the charger's own.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.charging.tables import CommandState


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStart:
    """Start a transaction. 1.6 binds by `id_token` (one-time), 2.x by `remote_start_id`."""

    evse_no: int
    id_token: str
    remote_start_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStop:
    """Stop a transaction."""

    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveNow:
    """Keep an EVSE for an id token until a time."""

    reservation_id: int
    evse_no: int
    id_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReservation:
    """Give a reserved EVSE free."""

    reservation_id: int


class ResetKind(StrEnum):
    """SOFT ends transactions properly first (2.x OnIdle waits for them); HARD does not (2.x Immediate)."""

    SOFT = "SOFT"
    HARD = "HARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Restart the charger."""

    kind: ResetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockConnector:
    """Release the cable."""

    evse_no: int
    connector_no: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailability:
    """Take an EVSE (None: the whole charger) out of use or back into it."""

    evse_no: int | None
    operative: bool


class TriggerKind(StrEnum):
    """What a charger can be asked to send."""

    BOOT = "BOOT"
    HEARTBEAT = "HEARTBEAT"
    STATUS = "STATUS"
    METER_VALUES = "METER_VALUES"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerMessage:
    """Ask the charger to send a message now."""

    kind: TriggerKind
    evse_no: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableName:
    """A 1.6 configuration key (component empty) or a 2.x component's variable."""

    variable: str
    component: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetVariables:
    """Read configuration; empty means all (2.x: a base report)."""

    names: tuple[VariableName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariable:
    """Write one configuration value."""

    name: VariableName
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearCache:
    """Empty the charger's authorisation cache."""


Command = (
    RemoteStart
    | RemoteStop
    | ReserveNow
    | CancelReservation
    | Reset
    | UnlockConnector
    | ChangeAvailability
    | TriggerMessage
    | GetVariables
    | SetVariable
    | ClearCache
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """What became of a command: ACCEPTED, REJECTED (the charger's own word in `status`), TIMED_OUT, OFFLINE or FAILED.

    `answer` is the charger's payload verbatim; FAILED means it answered with a CALLERROR or not by the schema.
    """

    state: CommandState
    status: str | None = None
    answer: dict[str, Any] | None = None
    detail: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the charger agreed."""
        return self.state is CommandState.ACCEPTED
