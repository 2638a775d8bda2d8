"""One connector (1.6) or one EVSE with its single connector (2.0.1): its state and what both versions call
that state.

The status is always derived, never stored, so that it cannot contradict the facts it summarises.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ocpp_bridge.simulator.physics import Outlet

SuspendedBy = Literal["EV", "EVSE"]

RFID = "ISO14443"
"""IdTokenEnumType of a card at the reader."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The meter at one instant: UTC time, register in Wh, power in W, state of charge in percent when a car
    is connected.
    """

    at: datetime
    energy_wh: int
    power_w: int
    soc: int | None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who may charge: the token, its 2.0.1 type and, for a 2.0.1 remote start, the CSMS's id for it."""

    uid: str
    token_type: str = RFID
    remote: bool = False
    remote_start_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A ReserveNow in force; `group_uid` is the parent id tag (1.6) or group id token (2.0.1)."""

    id: int
    uid: str
    expires_at: datetime
    group_uid: str | None = None

    def admits(self, uid: str, group_uid: str | None = None) -> bool:
        """Tell whether a token may use the reserved connector. Tokens compare without case."""
        if uid.casefold() == self.uid.casefold():
            return True
        return None not in (self.group_uid, group_uid) and str(self.group_uid).casefold() == str(group_uid).casefold()


@dataclass(slots=True, eq=False)
class SimTransaction:
    """A charge as the station knows it. `id` is None until a 1.6 CSMS has answered StartTransaction."""

    connector: int
    begin: Reading
    id: int | str | None = None
    uid: str | None = None
    token_type: str = RFID
    stop_uid: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    end: Reading | None = None
    reason: str | None = None
    energised: bool = False
    seq_no: int = 0
    token_announced: bool = False
    samples: list[Reading] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """True until its end has been decided, whether or not the CSMS knows it yet."""
        return self.end is None

    @property
    def energy_wh(self) -> int:
        """Energy delivered by an ended transaction in Wh, by the station's own register."""
        return 0 if self.end is None else self.end.energy_wh - self.begin.energy_wh


class Connector:
    """The facts about one connector, changed only by the station's use cases."""

    def __init__(self, number: int, outlet: Outlet) -> None:
        """Start available, unplugged and without a transaction."""
        self.number = number
        self.outlet = outlet
        self.authorisation: Authorisation | None = None
        self.transaction: SimTransaction | None = None
        self.reservation: Reservation | None = None
        self.operative = True
        self.goes_inoperative = False
        self.error_code: str | None = None
        self.suspended_by: SuspendedBy | None = None
        self.finishing = False
        self.announced_status: tuple[str, str | None] | None = None

    @property
    def plugged(self) -> bool:
        """True while a car is connected."""
        return self.outlet.battery is not None

    @property
    def status_v16(self) -> str:
        """ChargePointStatus (1.6 section 7.7)."""
        if (blocked := self._blocked()) is not None:
            return blocked
        if self.transaction is not None and self.transaction.energised:
            return "Charging" if self.suspended_by is None else f"Suspended{self.suspended_by}"
        if self.finishing:
            return "Finishing"
        if self.reservation is not None and self.authorisation is None:
            return "Reserved"
        return "Preparing" if self.plugged or self.authorisation is not None else "Available"

    @property
    def status_v201(self) -> str:
        """ConnectorStatusEnumType (2.0.1 part 2, section 3.17)."""
        if (blocked := self._blocked()) is not None:
            return blocked
        if self.plugged:
            return "Occupied"
        return "Available" if self.reservation is None else "Reserved"

    @property
    def charging_state(self) -> str:
        """ChargingStateEnumType (2.0.1 part 2, section 3.7)."""
        if not self.plugged:
            return "Idle"
        if self.transaction is None or not self.transaction.energised or self.authorisation is None:
            return "EVConnected"
        return "Charging" if self.suspended_by is None else f"Suspended{self.suspended_by}"

    @property
    def startable(self) -> bool:
        """True when nothing but a reservation stands against a new start."""
        return self.operative and self.error_code is None and self.authorisation is None and not self.charging

    @property
    def charging(self) -> bool:
        """True while an authorised transaction runs; one opened by the cable alone does not count."""
        return self.transaction is not None and self.transaction.uid is not None

    def _blocked(self) -> str | None:
        if self.error_code is not None:
            return "Faulted"
        return None if self.operative else "Unavailable"
