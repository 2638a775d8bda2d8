"""The ways a reservation ends without a charge: cancelled, expired, refused. The charger is told by a job."""

from datetime import datetime
from uuid import UUID

from app.db.idempotency import claim
from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.reservations.tables import HOLDING, Reservation, ReservationState
from app.kit.errors import ConflictError, NotFoundError


class ReservationOverError(ConflictError):
    """The reservation has ended already."""

    code = "RESERVATION_OVER"


async def cancel_reservation(
    deps: Charging,
    tenant_id: UUID,
    reservation_id: UUID,
    *,
    actor: str,
    idempotency_key: str,
    driver_id: UUID | None = None,
) -> None:
    """Cancel a reservation; with `driver_id` only that driver's. Cancelling twice is no error.

    Raises UserError: NOT_FOUND, RESERVATION_OVER, IDEMPOTENCY_CONFLICT.
    """

    async def work(uow: UnitOfWork) -> None:
        key = await claim(
            uow,
            actor=actor,
            operation="cancelReservation",
            key=idempotency_key,
            request={"reservation": str(reservation_id)},
        )
        reservation = await uow.session.get(Reservation, reservation_id, with_for_update=True)
        if reservation is None or (driver_id is not None and reservation.driver_id != driver_id):
            raise NotFoundError("there is no such reservation", field="reservationId")
        if key.result is not None or reservation.state is ReservationState.CANCELLED:
            return
        if reservation.state not in HOLDING:
            raise ReservationOverError("the reservation has ended", field="reservationId")
        key.result = {"reservation": str(reservation_id)}
        await end(uow, reservation, ReservationState.CANCELLED, deps.clock.now())

    await deps.database.transact(tenant_id, work)


async def end(
    uow: UnitOfWork,
    reservation: Reservation,
    state: ReservationState,
    at: datetime,
    *,
    rejection: str | None = None,
) -> None:
    """End a held reservation in the given state; the charger, if it was told of it, is told that it is over."""
    told = reservation.state is ReservationState.ACTIVE
    reservation.state = state
    reservation.ended_at = at
    reservation.rejection = rejection
    await uow.record(reservation, f"reservation.{state.value.lower()}", {"state": state.value, "rejection": rejection})
    if told or state is ReservationState.CANCELLED:
        await uow.enqueue(
            "reservation.clear", {"reservation": str(reservation.id)}, dedupe_key=f"unreserve:{reservation.id}"
        )
