"""What differs between OCPP 1.6 and 2.0.1, behind one interface: the station's logic speaks only to a
Dialect.

A dialect turns events of a charge into messages in the station's outbox and knows the names of the variables
that steer the logic. It holds no connection; the messages of a charge that goes on offline are made in the
same way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ocpp_bridge.simulator.connector import Connector, Reading, SimTransaction
from ocpp_bridge.simulator.settings import Settings

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from ocpp_bridge.simulator.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class VariableNames:
    """The variables both versions have under different names."""

    sample_interval: str
    cable_timeout: str
    authorise_remote_start: str
    offline_local: str
    offline_unknown: str
    stop_on_invalid: str


class Dialect(Protocol):
    """One OCPP version's messages."""

    subprotocol: str
    names: VariableNames
    settings: Settings

    def endpoint(self, connection: "ClientConnection") -> "Endpoint":
        """Return the handler of one connection's incoming calls."""
        ...

    def boot(self, reason: str) -> object:
        """Return a BootNotification; `reason` is a 2.0.1 BootReasonEnumType."""
        ...

    def heartbeat(self) -> object:
        """Return a Heartbeat."""
        ...

    def station_status(self, error_code: str | None, at: datetime) -> object | None:
        """Return the status of the station as a whole where the version has one."""
        ...

    def statuses(self, at: datetime) -> list[object]:
        """Return the StatusNotifications a station sends after it was accepted."""
        ...

    def status_name(self, connector: Connector) -> str:
        """Return the connector's status in this version's words."""
        ...

    def status(self, connector: Connector, at: datetime) -> object:
        """Return one connector's StatusNotification."""
        ...

    def authorize(self, uid: str, token_type: str) -> object:
        """Return an Authorize call."""
        ...

    def verdict(self, answer: Any) -> tuple[str, str | None]:
        """Return the status and the group of the token from an Authorize answer."""
        ...

    def start_points(self) -> frozenset[str]:
        """Return the TxStartPoint events; each of them alone begins a transaction."""
        ...

    def stop_points(self) -> frozenset[str]:
        """Return the TxStopPoint events."""
        ...

    def started(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """A transaction began; `trigger` is a 2.0.1 TriggerReasonEnumType, here and below."""
        ...

    def changed(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """Authorisation, cable or charging state changed during a transaction."""
        ...

    def sampled(self, connector: Connector, transaction: SimTransaction, reading: Reading, trigger: str) -> None:
        """A reading was taken during a transaction."""
        ...

    def meter_values(self, connector: Connector, reading: Reading) -> object:
        """Return the MeterValues a TriggerMessage asked for, transaction or not."""
        ...

    def ended(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """A transaction ended."""
        ...

    def reservation_gone(self, reservation_id: int, why: str) -> None:
        """A reservation ended by itself: `why` is Expired or Removed (2.0.1 only; 1.6 shows it by status)."""
        ...


def timestamp(at: datetime) -> str:
    """Return RFC 3339 text in UTC with milliseconds, as chargers send it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
