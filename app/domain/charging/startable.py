"""Whether a charge can begin at an EVSE now, and for whom: asked under the EVSE's lock, before anything is held."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.errors import (
    ChargerOfflineError,
    EvseOccupiedError,
    EvseReservedError,
    EvseUnavailableError,
)
from app.domain.charging.states import LIVE
from app.domain.charging.tables import ChargingSession
from app.domain.reservations.tables import HOLDING, Reservation
from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Connector, Evse
from app.kit.errors import NotFoundError

_STARTABLE = frozenset({EvseStatus.AVAILABLE, EvseStatus.OCCUPIED, EvseStatus.RESERVED})


async def connector_of(uow: UnitOfWork, evse: Evse, connector_id: UUID | None) -> Connector | None:
    """Return the named connector of an EVSE, else its first (None: none is described). Raises NotFoundError."""
    query = select(Connector).where(Connector.evse_id == evse.id).order_by(Connector.number)
    if connector_id is not None:
        query = query.where(Connector.id == connector_id)
    connector = (await uow.session.scalars(query.limit(1))).first()
    if connector is None and connector_id is not None:
        raise NotFoundError("this charging point has no such connector", field="connectorId")
    return connector


async def require_startable(uow: UnitOfWork, evse: Evse) -> None:
    """Raise ChargerOfflineError, EvseUnavailableError or EvseOccupiedError where no charge can begin (EVSE locked)."""
    charger = await uow.session.get(Charger, evse.charger_id) if evse.charger_id else None
    if charger is None or not charger.connected:
        raise ChargerOfflineError("the charger is not connected", field="evseId")
    if charger.registration is not RegistrationStatus.ACCEPTED or evse.ocpp_evse_no is None:
        raise EvseUnavailableError("the charger is not in service yet", field="evseId")
    # A charger that says nothing of its status (after a reconnect it need not) is asked: it refuses where it cannot.
    silent = evse.status is EvseStatus.UNKNOWN and charger.booted_at is not None
    known = silent or evse.status in _STARTABLE | {EvseStatus.CHARGING}
    if not (evse.operative and charger.operative and known):
        raise EvseUnavailableError(f"the charging point is {evse.status.value.lower()}", field="evseId")
    occupied = await uow.session.scalar(
        select(ChargingSession.id).where(
            ChargingSession.evse_id == evse.id,
            ChargingSession.state.in_(LIVE),
            ChargingSession.historical.is_(False),
        )
    )
    if occupied is not None or evse.status is EvseStatus.CHARGING:
        raise EvseOccupiedError("somebody charges here already", field="evseId")


async def own_reservation(uow: UnitOfWork, evse: Evse, driver_id: UUID, now: datetime) -> Reservation | None:
    """Return the driver's own reservation in force, if any; somebody else's refuses the start."""
    reservation = await uow.session.scalar(
        select(Reservation).where(
            Reservation.evse_id == evse.id,
            Reservation.state.in_(HOLDING),
            Reservation.starts_at <= now,
            Reservation.expires_at > now,
        )
    )
    if reservation is not None and reservation.driver_id != driver_id:
        raise EvseReservedError("the charging point is reserved", field="evseId")
    if reservation is None and evse.status is EvseStatus.RESERVED:
        raise EvseReservedError("the charging point is reserved", field="evseId")
    return reservation
