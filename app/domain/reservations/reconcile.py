"""Reservations that time ends: a reminder shortly before, the expiry of a no-show; and what a crash interrupted."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.states import STARTING
from app.domain.charging.tables import ChargingSession
from app.domain.reservations.end import end
from app.domain.reservations.tables import HOLDING, Reservation, ReservationState
from app.domain.stations.tables import Evse, Location

REMIND_BEFORE = timedelta(minutes=5)
_STEP_GRACE = timedelta(seconds=15)


async def reconcile_reservations(deps: Charging, tenant_id: UUID) -> None:
    """Go once over the reservations that are due for something."""
    now = deps.clock.now()
    held = Reservation.state.in_(HOLDING)
    for reservation_id in await _find(deps, tenant_id, and_(held, Reservation.expires_at <= now)):
        await deps.database.transact(tenant_id, partial(_expire, deps, reservation_id))
    soon = and_(
        Reservation.state == ReservationState.ACTIVE,
        Reservation.reminder_sent_at.is_(None),
        Reservation.expires_at <= now + REMIND_BEFORE,
        Reservation.expires_at > now,
    )
    for reservation_id in await _find(deps, tenant_id, soon):
        await deps.database.transact(tenant_id, partial(_remind, deps, reservation_id))
    interrupted = and_(Reservation.state == ReservationState.PENDING, Reservation.created_at < now - _STEP_GRACE)
    for reservation_id in await _find(deps, tenant_id, interrupted):
        async with deps.database.unit_of_work(tenant_id) as uow:
            await uow.enqueue(
                "reservation.place", {"reservation": str(reservation_id)}, dedupe_key=f"reserve:{reservation_id}"
            )


async def _find(deps: Charging, tenant_id: UUID, condition: ColumnElement[bool]) -> Sequence[UUID]:
    async with deps.database.read(tenant_id) as db:
        return (await db.scalars(select(Reservation.id).where(condition).limit(200))).all()


async def _expire(deps: Charging, reservation_id: UUID, uow: UnitOfWork) -> None:
    """End a no-show, unless the driver's own start is on its way and will consume it."""
    reservation = await uow.session.get_one(Reservation, reservation_id, with_for_update=True)
    if reservation.state not in HOLDING or reservation.expires_at > deps.clock.now():
        return
    starting = await uow.session.scalar(
        select(ChargingSession.id).where(
            ChargingSession.reservation_id == reservation.id, ChargingSession.state.in_(STARTING)
        )
    )
    if starting is not None:
        return
    await end(uow, reservation, ReservationState.EXPIRED, deps.clock.now())
    await deps.notifier.notify(
        uow,
        driver_id=reservation.driver_id,
        kind="RESERVATION_ENDED",
        payload={"reservation_id": reservation.id, "location_name": (await _place(uow, reservation)).name},
        dedupe_key=f"reservation-ended:{reservation.id}",
    )


async def _remind(deps: Charging, reservation_id: UUID, uow: UnitOfWork) -> None:
    reservation = await uow.session.get_one(Reservation, reservation_id, with_for_update=True)
    if reservation.state is not ReservationState.ACTIVE or reservation.reminder_sent_at is not None:
        return
    reservation.reminder_sent_at = deps.clock.now()
    location = await _place(uow, reservation)
    await deps.notifier.notify(
        uow,
        driver_id=reservation.driver_id,
        kind="RESERVATION_EXPIRING",
        payload={
            "reservation_id": reservation.id,
            "location_name": location.name,
            "expires_at": reservation.expires_at,
            "time_zone": location.time_zone,
        },
        dedupe_key=f"reservation-expiring:{reservation.id}",
    )


async def _place(uow: UnitOfWork, reservation: Reservation) -> Location:
    location = await uow.session.scalar(
        select(Location).join(Evse, Evse.location_id == Location.id).where(Evse.id == reservation.evse_id)
    )
    if location is None:
        raise RuntimeError("a reservation's EVSE has no location")
    return location
