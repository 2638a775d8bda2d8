"""Sessions that no app asked for: by a card at the charger, or by nobody we know."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import UnitOfWork
from app.domain.charging.inbound.activate import activate
from app.domain.charging.inbound.authorize import TokenDecision
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef, TransactionStart
from app.domain.charging.progress import publish
from app.domain.charging.states import Authorization, SessionState, StartMethod
from app.domain.charging.tables import ChargingSession, IncidentKind
from app.domain.pricing.store import NoTariffError, freeze, tariff_for
from app.domain.pricing.tables import TariffSnapshot
from app.domain.reservations.tables import HOLDING, Reservation
from app.domain.stations.tables import Connector, Evse, Location


async def add_rfid_session(
    uow: UnitOfWork,
    deps: Inbound,
    ref: ChargerRef,
    evse: Evse,
    start: TransactionStart,
    decision: TokenDecision,
    *,
    historical: bool,
) -> ChargingSession:
    """Add the session of a card that may charge; its hold is taken after the start. Without a price it is reviewed."""
    snapshot = await _snapshot(uow, evse, start.connector_no)
    session = ChargingSession(
        created_at=deps.clock.now(),
        state=SessionState.PENDING_CHARGER,
        start_method=StartMethod.RFID,
        driver_id=decision.driver_id,
        id_token_id=decision.id_token_id,
        historical=historical,
        free_of_charge=decision.free_of_charge,
        reservation_id=await _own_reservation(uow, evse, decision, start),
        tariff_snapshot_id=snapshot.id if snapshot else None,
        **await _place(uow, ref, evse),
    )
    if snapshot is not None:
        session.currency = snapshot.content["currency"]
    uow.session.add(session)
    await uow.session.flush()
    await activate(uow, deps, session, start, start.transaction_id or "")
    if not decision.free_of_charge and decision.driver_id is not None:
        await uow.enqueue("session.hold", {"session": str(session.id)}, dedupe_key=f"hold:{session.id}")
    return session


async def add_orphan(
    uow: UnitOfWork,
    deps: Inbound,
    ref: ChargerRef,
    evse: Evse | None,
    start: TransactionStart,
    decision: TokenDecision,
) -> ChargingSession:
    """Keep a transaction that must not be billed by itself: active, suspect, and apart from the EVSE's own session."""
    accepted = decision.authorization is Authorization.ACCEPTED
    session = ChargingSession(
        created_at=deps.clock.now(),
        state=SessionState.ACTIVE,
        start_method=StartMethod.UNKNOWN,
        id_token_id=decision.id_token_id,
        historical=True,
        suspect=True,
        suspect_reason="started at an EVSE that is not known"
        if accepted
        else f"started by a token that may not charge: {decision.authorization.value}",
        refused_as=decision.authorization,
        ocpp_transaction_id=start.transaction_id,
        last_heard_at=start.received_at,
        transaction_started_at=start.at,
        started_at=start.at,
        meter_start_wh=start.meter_start_wh,
        meter_last_wh=start.meter_start_wh,
        meter_last_at=start.at if start.meter_start_wh is not None else None,
        **await _place(uow, ref, evse),
    )
    uow.session.add(session)
    await publish(uow, session, "session.orphan")
    await open_incident(
        uow,
        IncidentKind.UNKNOWN_TRANSACTION,
        f"{ref.charger_id}:{start.transaction_id}",
        {"authorization": decision.authorization.value, "message": start.raw},
        charger_id=ref.charger_id,
        session_id=session.id,
    )
    return session


async def _own_reservation(
    uow: UnitOfWork, evse: Evse, decision: TokenDecision, start: TransactionStart
) -> UUID | None:
    """Return the reservation that the card's driver holds here: the start consumes it as one by app would."""
    if decision.driver_id is None:
        return None
    return await uow.session.scalar(
        select(Reservation.id).where(
            Reservation.evse_id == evse.id,
            Reservation.driver_id == decision.driver_id,
            Reservation.state.in_(HOLDING),
            Reservation.starts_at <= start.at,
        )
    )


async def _snapshot(uow: UnitOfWork, evse: Evse, connector_no: int | None) -> TariffSnapshot | None:
    query = select(Connector).where(Connector.evse_id == evse.id).order_by(Connector.number)
    if connector_no is not None:
        query = query.where(Connector.number == connector_no)
    try:
        return await freeze(uow, await tariff_for(uow, evse, (await uow.session.scalars(query)).first()))
    except NoTariffError:
        return None


async def _place(uow: UnitOfWork, ref: ChargerRef, evse: Evse | None) -> dict[str, Any]:
    """Return where a session takes place, and the time zone and currency it is told in."""
    tenant = await uow.session.get_one(Tenant, uow.tenant_id)
    place: dict[str, Any] = {
        "charger_id": ref.charger_id,
        "time_zone": tenant.time_zone,
        "currency": tenant.currency,
    }
    if evse is not None:
        location = await uow.session.get_one(Location, evse.location_id)
        place |= {"evse_id": evse.id, "location_id": location.id, "time_zone": location.time_zone}
    return place
