"""What the bridge knows of a connected charging station for as long as its socket lives."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from app.domain.charging.messages import ChargerRef
from app.domain.stations.states import RegistrationStatus


@dataclass(slots=True)
class Station:
    """A connected charger. `registration` follows its boots; `booted_at` is its last boot, None for never."""

    ref: ChargerRef
    registration: RegistrationStatus
    booted_at: datetime | None = None
    zone: tzinfo | None = None
    clock_skew_seconds: int | None = None
    generation: int = 0

    @property
    def charger_id(self) -> UUID:
        """The charger's row id."""
        return self.ref.charger_id

    @property
    def accepted(self) -> bool:
        """Whether the charger belongs to the network."""
        return self.registration is RegistrationStatus.ACCEPTED
