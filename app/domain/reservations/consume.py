"""The driver's own start ends a reservation, in the transaction of that start and only when the charger accepted it."""

from datetime import datetime
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.reservations.tables import HOLDING, Reservation, ReservationState


async def consume_reservation(uow: UnitOfWork, reservation_id: UUID, at: datetime) -> None:
    """Mark a reservation as used; one that has ended otherwise stays as it is."""
    reservation = await uow.session.get(Reservation, reservation_id, with_for_update=True)
    if reservation is None or reservation.state not in HOLDING:
        return
    reservation.state = ReservationState.CONSUMED
    reservation.ended_at = at
    reservation.charger_cleared_at = at
    await uow.record(reservation, "reservation.consumed", {"state": reservation.state.value})
