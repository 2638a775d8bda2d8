"""A reservation as its driver sees it."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.reservations.tables import Reservation as ReservationRow
from app.domain.reservations.tables import ReservationState
from bff.context import Info
from bff.fields import computed
from bff.stations.types import Evse


@strawberry.type
class Reservation(relay.Node):
    """A charging point kept for a driver until `expiresAt`. PENDING until the charger has agreed."""

    id: relay.NodeID[UUID]
    state: ReservationState
    starts_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    rejection: str | None
    created_at: datetime
    row: strawberry.Private[ReservationRow]

    @classmethod
    def of(cls, row: ReservationRow) -> "Reservation":
        """Return a reservation that was checked to be the caller's own."""
        return cls(
            id=row.id,
            state=row.state,
            starts_at=row.starts_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            rejection=row.rejection,
            created_at=row.created_at,
            row=row,
        )

    @computed
    async def evse(self, info: Info) -> Evse | None:
        """The charging point."""
        view = await info.context.loaders.evses.load(self.row.evse_id)
        return Evse.of(view) if view else None
