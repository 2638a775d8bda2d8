"""What chargers report, in no version's words: the bridge translates every OCPP version into these.

Times are aware UTC, already put right by the bridge (zone, range, skew); `raw_timestamp` keeps the charger's own
text. Energy is the import register in integer Wh, power W, SoC percent. `evse_no` is the charger's own number: a 1.6
connector id is an EVSE.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.domain.charging.states import Authorization, ChargingState, StopReason
from app.domain.stations.states import EvseStatus, OcppVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerRef:
    """The charger a message came from."""

    tenant_id: UUID
    charger_id: UUID
    identity: str
    version: OcppVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class BootReport:
    """A charger introduces itself."""

    vendor: str
    model: str
    serial_number: str | None = None
    firmware_version: str | None = None
    reason: str | None = None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """The state of an EVSE, or of the whole charger (`evse_no` None: 1.6 connector 0)."""

    evse_no: int | None
    connector_no: int | None
    status: EvseStatus
    ocpp_status: str
    charging_state: ChargingState | None = None
    """Set where the status tells it (1.6 Charging, SuspendedEV, SuspendedEVSE, Finishing → IDLE)."""
    error_code: str | None = None
    detail: str | None = None
    at: datetime
    received_at: datetime


class Measurand(StrEnum):
    """The measured quantities that are billed or shown; all others stay in the raw samples."""

    ENERGY = "Energy.Active.Import.Register"
    POWER = "Power.Active.Import"
    SOC = "SoC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One meter value: several samples of one instant."""

    taken_at: datetime
    received_at: datetime
    raw_timestamp: str | None = None
    context: str = "Sample.Periodic"
    register_wh: int | None = None
    power_w: int | None = None
    soc_percent: int | None = None
    samples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The samples as the charger sent them, verbatim."""
    suspect_reason: str | None = None
    """Set by the bridge where a value could not be read with certainty (unit, range)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsReport:
    """Readings, bound to a transaction where the charger names one."""

    evse_no: int | None
    transaction_id: str | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStart:
    """A transaction began. 1.6 has no id yet (`transaction_id` None) and expects one; 2.x brings its own.

    Without `id_token` and `remote_start_id` a 2.x transaction opened before anyone was authorised (cable first).
    """

    evse_no: int | None
    connector_no: int | None = None
    transaction_id: str | None
    id_token: str | None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    meter_start_wh: int | None = None
    at: datetime
    received_at: datetime
    offline: bool = False
    raw: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionUpdate:
    """Something changed within a 2.x transaction, or it is told again."""

    transaction_id: str
    evse_no: int | None = None
    connector_no: int | None = None
    id_token: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    charging_state: ChargingState | None = None
    at: datetime
    received_at: datetime
    seq_no: int | None = None
    offline: bool = False
    readings: tuple[Reading, ...] = ()
    authorisation_ended: bool = False
    """Whether this says that no more energy is authorised: a stop by token or remotely, a limit, a withdrawal."""
    raw: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEnd:
    """A transaction ended. `unplugged` where the message itself says that the car has gone (2.x EVDisconnected)."""

    transaction_id: str
    evse_no: int | None = None
    id_token: str | None = None
    meter_stop_wh: int | None = None
    reason: StopReason = StopReason.LOCAL
    ocpp_reason: str | None = None
    unplugged: bool = False
    at: datetime
    received_at: datetime
    seq_no: int | None = None
    offline: bool = False
    readings: tuple[Reading, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionOpened:
    """The answer to a start: the transaction's id (never 0) and whether the token may charge.

    `session_id` is None where nothing may be billed.
    """

    transaction_id: str
    authorization: Authorization
    session_id: UUID | None
