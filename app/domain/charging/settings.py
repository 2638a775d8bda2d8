"""The rules of charging that an installation may set."""

from dataclasses import dataclass
from datetime import timedelta

from app.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class ChargingSettings:
    """Deadlines and amounts."""

    command_timeout: timedelta = timedelta(seconds=30)
    connection_timeout: timedelta = timedelta(seconds=60)
    payment_action_timeout: timedelta = timedelta(minutes=5)
    default_hold_minor: int = 5000
    sample_interval: timedelta = timedelta(seconds=30)
    parking_cap: timedelta = timedelta(hours=12)
    stop_retry: timedelta = timedelta(seconds=30)
    reservation_length: timedelta = timedelta(minutes=30)

    @property
    def start_deadline(self) -> timedelta:
        """How long a start that was sent may take before the hold is released: connection timeout and 30 s."""
        return self.connection_timeout + timedelta(seconds=30)

    @property
    def limit_margin(self) -> timedelta:
        """The time energy may still flow before a remote stop takes effect: one sample and 30 s."""
        return self.sample_interval + timedelta(seconds=30)

    @classmethod
    def of(cls, settings: Settings) -> "ChargingSettings":
        """Take the rules from the program's settings."""
        return cls(
            command_timeout=timedelta(seconds=settings.command_timeout_seconds),
            connection_timeout=timedelta(seconds=settings.connection_timeout_seconds),
            payment_action_timeout=timedelta(minutes=settings.payment_action_minutes),
            default_hold_minor=settings.default_hold_minor,
            sample_interval=timedelta(seconds=settings.sample_interval_seconds),
            reservation_length=timedelta(minutes=settings.reservation_minutes),
        )
