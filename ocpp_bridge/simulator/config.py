"""What a simulated station is and how it misbehaves: plain immutable values, given before it runs.

Time and energy: the meter integrates the connector's rated power over the real clock, and every message
carries the real wall-clock time, so energy, power and timestamps always agree and no reading lies in the
CSMS's future. `speed` therefore never multiplies energy or power. It divides the battery's capacity and the
station's own waits (sample interval, cable time-out): at speed 20 a 60 kWh car fills, tapers and stops after
3 kWh, in a twentieth of the time. A heartbeat keeps the interval the CSMS ordered.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

OcppVersion = Literal["1.6", "2.0.1"]
MeterReset = Literal["never", "boot", "transaction"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Deviations from a well-behaved station, each one seen in the field or needed to rehearse a failure.

    Waits are real seconds. `start_after_s` with `never_answer_remote_start` is a station whose answer is lost
    but which starts all the same; silence without it starts nothing.
    """

    reject_remote_start: bool = False
    never_answer_remote_start: bool = False
    start_after_s: float | None = None
    reject_remote_stop: bool = False
    never_answer_remote_stop: bool = False
    reject_reserve_now: bool = False
    ignore_reservation: bool = False
    auto_plug_in_on_remote_start: bool = True
    plug_in_delay_s: float = 0.1
    auto_unplug_after_stop_s: float | None = None
    tx_start_point: str = "PowerPathClosed"
    """2.0.1 TxCtrlr.TxStartPoint: comma-separated EVConnected, Authorized, PowerPathClosed (part 2, section
    2.6.4).
    """
    tx_stop_point: str = "Authorized"
    """2.0.1 TxCtrlr.TxStopPoint: EVConnected keeps the transaction open until the cable is out."""
    meter_reset: MeterReset = "never"
    no_readings: bool = False
    omit_end_reading: bool = False
    """1.6: StopTransaction without meterStop and transactionData; 2.0.1: Ended without meterValue."""
    duplicate_messages: bool = False
    """Every acknowledged transaction message is sent once more under a new message id."""
    resend_same_message_id: bool = False
    """A message that went unanswered is repeated under its first message id instead of a new one."""
    lose_first_start_answer: bool = False
    """The connection breaks right after the first start message left, before its answer arrives."""
    stop_transaction_id: int | None = None
    """1.6: the transaction id written into every StopTransaction whatever the CSMS issued, e.g. -1."""
    boot_on_reconnect: bool = False
    """Send BootNotification on every connection; by default only after power-up or reset (1.6 section 4.2)."""
    sample_interval_read_only: bool = False


@dataclass(frozen=True, slots=True)
class StationConfig:
    """One station. Power in W, energy in Wh, waits in real seconds unless `speed` is named; state of charge
    in percent.
    """

    identity: str
    url_base: str
    """WebSocket URL without the identity, e.g. `ws://127.0.0.1:8000/ocpp/default`."""
    version: OcppVersion = "1.6"
    password: str | None = None
    connectors: int = 1
    max_power_w: int = 150_000
    battery_wh: int = 60_000
    soc_start: int = 20
    meter_start_wh: int = 0
    vendor: str = "Voltlane"
    model: str = "Simulator"
    serial: str = "SIM-0001"
    firmware: str = "1.0.0"
    speed: Decimal | int = 1
    sample_interval_s: float = 10
    """Divided by `speed`, as is an interval that the CSMS sets later."""
    response_timeout_s: float = 30
    retry_interval_s: float = 1
    reconnect_first_s: float = 1
    reconnect_max_s: float = 30
    reboot_s: float = 0.5
    journal_size: int = 10_000
    variables: Mapping[str, str] = field(default_factory=dict)
    """Initial values by 1.6 key, or by 2.0.1 `Component.Variable`."""
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        """Refuse values with which the station could not run; raises ValueError."""
        if self.speed <= 0 or self.connectors < 1 or self.max_power_w < 1 or self.battery_wh < 1:
            raise ValueError("speed, connectors, max_power_w and battery_wh must be positive")
        if not 0 <= self.soc_start <= 100:  # noqa: PLR2004 - percent
            raise ValueError("soc_start is a percentage")

    @property
    def url(self) -> str:
        """The station's own URL: the identity is percent-encoded (OCPP-J 1.6 section 3.1.1)."""
        return f"{self.url_base.rstrip('/')}/{quote(self.identity, safe='')}"

    @property
    def headers(self) -> dict[str, str]:
        """HTTP Basic credentials, absent without a password."""
        if self.password is None:
            return {}
        credentials = b64encode(f"{self.identity}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {credentials}"}

    @property
    def capacity_wh(self) -> int:
        """The simulated car's battery after acceleration, at least 1 Wh."""
        return max(1, int(self.battery_wh / Decimal(self.speed)))

    def scaled(self, seconds: float) -> float:
        """Return the real seconds that `seconds` of the station's own waits take."""
        return seconds / float(self.speed)
