"""`reserveEvse`: the driver keeps a charging point for a while, from now on."""

import strawberry

from app.domain.charging.errors import (
    ChargerOfflineError,
    EvseOccupiedError,
    EvseReservedError,
    EvseUnavailableError,
)
from app.domain.reservations.reserve import AlreadyReservedError, reserve
from bff.access import DriverField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import checked_key, row_id
from bff.own import own_reservation
from bff.reservations.types import Reservation


@strawberry.input
class ReserveEvseInput:
    """Which charging point, for how many minutes (the brand's usual time by default)."""

    evse_id: strawberry.ID
    idempotency_key: strawberry.ID
    minutes: int | None = None


@payload(ChargerOfflineError, EvseUnavailableError, EvseOccupiedError, EvseReservedError, AlreadyReservedError)
class ReserveEvsePayload:
    """The reservation, PENDING until the charger has agreed."""

    reservation: Reservation | None = None


@strawberry.type
class ReserveEvse:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def reserve_evse(info: Info, input: ReserveEvseInput) -> ReserveEvsePayload:  # noqa: A002
        """Reserve a charging point. The same key again answers the same reservation."""
        context = info.context
        reservation_id = await reserve(
            context.services.charging,
            context.tenant_id,
            driver_id=context.driver_id,
            evse_id=row_id(input.evse_id, "Evse", "evseId"),
            minutes=input.minutes,
            idempotency_key=checked_key(input.idempotency_key),
        )
        return ReserveEvsePayload(reservation=Reservation.of(await own_reservation(context, reservation_id)))
