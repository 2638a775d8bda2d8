"""Whether somebody else's reservation keeps a charging point: what a card at the charger is refused for.

Only a reservation that its charger agreed to counts. While the charger has not answered, whoever stands there may have
been first, and the charger will refuse the reservation.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from app.db.uow import UnitOfWork
from app.domain.charging.messages import ChargerRef
from app.domain.reservations.tables import Reservation, ReservationState
from app.domain.stations.tables import Evse


async def reserved_for_other(uow: UnitOfWork, evse_id: UUID, driver_id: UUID | None, at: datetime) -> bool:
    """Whether somebody other than the driver (None: a card of nobody's) holds the EVSE at an instant."""
    query = select(Reservation.id).where(Reservation.evse_id == evse_id, _of_others(driver_id, at))
    return await uow.session.scalar(query.limit(1)) is not None


async def all_reserved_for_others(uow: UnitOfWork, ref: ChargerRef, driver_id: UUID | None, at: datetime) -> bool:
    """Whether others hold every EVSE of a charger, so that a card has no place there."""
    held = select(Reservation.id).where(Reservation.evse_id == Evse.id, _of_others(driver_id, at)).exists()
    row = (
        await uow.session.execute(
            select(func.count(), func.count().filter(held)).select_from(Evse).where(Evse.charger_id == ref.charger_id)
        )
    ).one()
    return bool(row[0]) and row[0] == row[1]


def _of_others(driver_id: UUID | None, at: datetime) -> ColumnElement[bool]:
    return and_(
        Reservation.state == ReservationState.ACTIVE,
        Reservation.starts_at <= at,
        Reservation.expires_at > at,
        Reservation.driver_id.is_distinct_from(driver_id),
    )
