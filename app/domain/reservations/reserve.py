"""Reserving an EVSE now, for a while. The database makes two at once impossible; the charger is told by a job."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db.idempotency import claim
from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.errors import (
    ChargerOfflineError,
    EvseOccupiedError,
    EvseReservedError,
    EvseUnavailableError,
)
from app.domain.charging.states import LIVE
from app.domain.charging.tables import ChargingSession
from app.domain.drivers.tables import Driver
from app.domain.reservations.tables import HOLDING, Reservation, ReservationState
from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Evse
from app.kit.errors import ConflictError, InvalidInputError, NotFoundError
from app.kit.ids import new_id_tag

MAX_MINUTES = 240
_OVERLAP_CONSTRAINT = "ex_reservations_overlap"


class AlreadyReservedError(ConflictError):
    """The driver holds another EVSE already."""

    code = "ALREADY_RESERVED"


async def reserve(
    deps: Charging,
    tenant_id: UUID,
    *,
    driver_id: UUID,
    evse_id: UUID,
    minutes: int | None,
    idempotency_key: str,
) -> UUID:
    """Reserve an EVSE from now on; return the reservation, which is PENDING until the charger agreed.

    Raises UserError: NOT_FOUND, CHARGER_OFFLINE, EVSE_UNAVAILABLE, EVSE_OCCUPIED, EVSE_RESERVED, ALREADY_RESERVED,
    INVALID_INPUT, IDEMPOTENCY_CONFLICT.
    """
    length = deps.settings.reservation_length if minutes is None else timedelta(minutes=minutes)
    if not timedelta(minutes=1) <= length <= timedelta(minutes=MAX_MINUTES):
        raise InvalidInputError(f"a reservation takes 1 to {MAX_MINUTES} minutes", field="minutes")

    async def work(uow: UnitOfWork) -> UUID:
        key = await claim(
            uow,
            actor=str(driver_id),
            operation="reserveEvse",
            key=idempotency_key,
            request={"evse": str(evse_id), "minutes": minutes},
        )
        if key.result is not None:
            return UUID(key.result["reservation"])
        reservation = await _add(deps, uow, driver_id, evse_id, length)
        key.result = {"reservation": str(reservation.id)}
        return reservation.id

    try:
        return await deps.database.transact(tenant_id, work)
    except IntegrityError as error:
        if _OVERLAP_CONSTRAINT in str(error.orig):
            raise EvseReservedError("the charging point is reserved", field="evseId") from error
        raise


async def _add(deps: Charging, uow: UnitOfWork, driver_id: UUID, evse_id: UUID, length: timedelta) -> Reservation:
    evse = await uow.session.get(Evse, evse_id, with_for_update=True)
    if evse is None:
        raise NotFoundError("there is no such charging point", field="evseId")
    charger = await _require_reservable(uow, evse)
    now = deps.clock.now()
    # Two reservations of one driver at once, at two EVSEs: the second waits here and finds the first.
    await uow.session.execute(select(Driver.id).where(Driver.id == driver_id).with_for_update())
    held = await uow.session.scalar(
        select(Reservation.id).where(
            Reservation.driver_id == driver_id, Reservation.state.in_(HOLDING), Reservation.expires_at > now
        )
    )
    if held is not None:
        raise AlreadyReservedError("another reservation is still running", field="evseId")
    reservation = Reservation(
        created_at=now,
        driver_id=driver_id,
        evse_id=evse.id,
        charger_id=charger.id,
        state=ReservationState.PENDING,
        id_token=new_id_tag(),
        starts_at=now,
        expires_at=now + length,
    )
    uow.session.add(reservation)
    await uow.record(reservation, "reservation.pending", {"state": reservation.state.value})
    await uow.enqueue("reservation.place", {"reservation": str(reservation.id)}, dedupe_key=f"reserve:{reservation.id}")
    return reservation


async def _require_reservable(uow: UnitOfWork, evse: Evse) -> Charger:
    charger = await uow.session.get(Charger, evse.charger_id) if evse.charger_id else None
    if charger is None or not charger.connected:
        raise ChargerOfflineError("the charger is not connected", field="evseId")
    if charger.registration is not RegistrationStatus.ACCEPTED or evse.ocpp_evse_no is None:
        raise EvseUnavailableError("the charger is not in service yet", field="evseId")
    occupied = await uow.session.scalar(
        select(ChargingSession.id).where(
            ChargingSession.evse_id == evse.id,
            ChargingSession.state.in_(LIVE),
            ChargingSession.historical.is_(False),
        )
    )
    if occupied is not None or evse.status in (EvseStatus.OCCUPIED, EvseStatus.CHARGING):
        raise EvseOccupiedError("somebody uses the charging point", field="evseId")
    if evse.status is EvseStatus.RESERVED:
        raise EvseReservedError("the charging point is reserved", field="evseId")
    if evse.status is not EvseStatus.AVAILABLE or not (evse.operative and charger.operative):
        raise EvseUnavailableError(f"the charging point is {evse.status.value.lower()}", field="evseId")
    return charger
