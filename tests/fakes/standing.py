"""Whether drivers can pay, as a test decides."""

from dataclasses import dataclass, field
from uuid import UUID

from app.db.uow import UnitOfWork


@dataclass
class FakeStanding:
    """Everybody may charge but `refused`."""

    refused: set[UUID] = field(default_factory=set)

    async def may_charge(self, uow: UnitOfWork, driver_id: UUID) -> bool:
        """Return whether the driver may charge."""
        return driver_id not in self.refused
