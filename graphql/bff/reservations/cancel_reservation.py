"""`cancelReservation`: the driver gives a charging point free again."""

import strawberry

from app.domain.reservations.end import ReservationOverError, cancel_reservation
from bff.access import DriverField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import checked_key, row_id
from bff.own import own_reservation
from bff.reservations.types import Reservation


@strawberry.input
class CancelReservationInput:
    """Which reservation."""

    reservation_id: strawberry.ID
    idempotency_key: strawberry.ID


@payload(ReservationOverError)
class CancelReservationPayload:
    """The reservation as it ended."""

    reservation: Reservation | None = None


@strawberry.type
class CancelReservation:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def cancel_reservation(info: Info, input: CancelReservationInput) -> CancelReservationPayload:  # noqa: A002
        """Cancel a reservation of the caller's. Cancelling twice is no error."""
        context = info.context
        reservation_id = row_id(input.reservation_id, "Reservation", "reservationId")
        await cancel_reservation(
            context.services.charging,
            context.tenant_id,
            reservation_id,
            actor=str(context.driver_id),
            idempotency_key=checked_key(input.idempotency_key),
            driver_id=context.driver_id,
        )
        return CancelReservationPayload(reservation=Reservation.of(await own_reservation(context, reservation_id)))
