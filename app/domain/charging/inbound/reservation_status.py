"""A charger gave a reservation up by itself (OCPP 2.0.1 H04): it expired there, or was removed for a fault."""

from enum import StrEnum

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.messages import ChargerRef
from app.domain.charging.states import STARTING
from app.domain.charging.tables import ChargingSession
from app.domain.reservations.end import end
from app.domain.reservations.tables import HOLDING, Reservation, ReservationState
from app.domain.stations.tables import Evse, Location


class ReservationUpdate(StrEnum):
    """What the charger says (ReservationUpdateStatusEnumType, and NoTransaction of 2.1)."""

    EXPIRED = "Expired"
    REMOVED = "Removed"
    NO_TRANSACTION = "NoTransaction"


async def report_reservation(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, reservation_id: int, update: ReservationUpdate
) -> None:
    """End the reservation as its charger has; one that has ended here, or is not the charger's, stays as it is."""
    reservation = await uow.session.scalar(
        select(Reservation)
        .where(Reservation.charger_id == ref.charger_id, Reservation.ocpp_reservation_id == reservation_id)
        .with_for_update()
    )
    if reservation is None or reservation.state not in HOLDING or await _is_starting(uow, reservation):
        return
    removed = update is ReservationUpdate.REMOVED
    state = ReservationState.REJECTED if removed else ReservationState.EXPIRED
    now = deps.clock.now()
    await end(uow, reservation, state, now, rejection=update.value if removed else None)
    reservation.charger_cleared_at = now
    place = await uow.session.scalar(
        select(Location.name).join(Evse, Evse.location_id == Location.id).where(Evse.id == reservation.evse_id)
    )
    await deps.notifier.notify(
        uow,
        driver_id=reservation.driver_id,
        kind="RESERVATION_ENDED",
        payload={"reservation_id": reservation.id, "location_name": place or ""},
        dedupe_key=f"reservation-ended:{reservation.id}",
    )


async def _is_starting(uow: UnitOfWork, reservation: Reservation) -> bool:
    """Whether the driver's own start is on its way: it consumes the reservation, or fails and lets it end by time."""
    found = await uow.session.scalar(
        select(ChargingSession.id).where(
            ChargingSession.reservation_id == reservation.id, ChargingSession.state.in_(STARTING)
        )
    )
    return found is not None
