"""A session begins to charge: everything that happens with the charger's accepted start, in its transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.heard import heard
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import TransactionStart
from app.domain.charging.phases import enter_phase
from app.domain.charging.progress import move
from app.domain.charging.states import ChargingState, FailureCode, SessionState, StopReason
from app.domain.charging.stop_request import request_stop
from app.domain.charging.tables import ChargingSession, IncidentKind
from app.domain.reservations.consume import consume_reservation
from app.domain.stations.tables import Evse, Location

_CANCELLED_BY = {
    FailureCode.CANCELLED_BY_DRIVER: StopReason.DRIVER,
    FailureCode.CANCELLED_BY_OPERATOR: StopReason.OPERATOR,
}


async def activate(
    uow: UnitOfWork, deps: Inbound, session: ChargingSession, start: TransactionStart, transaction_id: str
) -> None:
    """Bind a charger's transaction to a session that asked for it; a released one is charged again or stopped."""
    late = session.state in (SessionState.FAILED, SessionState.CANCELLED)
    session.ocpp_transaction_id = transaction_id
    session.transaction_started_at = start.at
    session.started_at = start.at
    session.deadline_at = None
    heard(session, start.received_at)
    if start.meter_start_wh is not None:
        session.meter_start_wh = session.meter_last_wh = start.meter_start_wh
        session.meter_last_at = start.at
    if session.reservation_id is not None:
        await consume_reservation(uow, session.reservation_id, start.at)
    if session.tariff_snapshot_id is not None:
        session.cost_net_minor = session.cost_gross_minor = 0
    cancelled_by = _CANCELLED_BY.get(session.failure) if late and session.failure else None
    if late:
        await _begin_late(uow, session, cancelled_by)
    await move(uow, session, SessionState.ACTIVE)
    await enter_phase(uow, session, ChargingState.CHARGING, start.at)
    if cancelled_by is not None:
        await request_stop(uow, session, cancelled_by, deps.clock.now())
    await _tell_driver(uow, deps, session)


async def _begin_late(uow: UnitOfWork, session: ChargingSession, cancelled_by: StopReason | None) -> None:
    """The hold was released and the charger started after all: hold anew; what cannot be held becomes debt.

    A charge that had been cancelled is stopped at once, too.
    """
    session.failure = None
    session.failure_detail = None
    session.ended_at = None
    await open_incident(
        uow,
        IncidentKind.LATE_START,
        str(session.id),
        {"cancelledBy": cancelled_by.value if cancelled_by else None},
        charger_id=session.charger_id,
        session_id=session.id,
    )
    await uow.enqueue("session.hold", {"session": str(session.id)}, dedupe_key=f"hold:{session.id}")


async def _tell_driver(uow: UnitOfWork, deps: Inbound, session: ChargingSession) -> None:
    if session.driver_id is None:
        return
    place, code = await _place(uow, session)
    await deps.notifier.notify(
        uow,
        driver_id=session.driver_id,
        kind="CHARGING_STARTED",
        payload={"session_id": session.id, "location_name": place, "evse_code": code},
        dedupe_key=f"started:{session.id}",
    )


async def _place(uow: UnitOfWork, session: ChargingSession) -> tuple[str, str]:
    row = (
        await uow.session.execute(
            select(Location.name, Evse.evse_code, Evse.source_uid)
            .join(Evse, Evse.location_id == Location.id)
            .where(Evse.id == session.evse_id)
        )
    ).one_or_none()
    return (row[0], row[1] or row[2]) if row else ("", "")


async def other_active_session(uow: UnitOfWork, id_token_id: UUID, evse_id: UUID | None) -> ChargingSession | None:
    """Return a session of the same card that charges at another EVSE now."""
    query = select(ChargingSession).where(
        ChargingSession.id_token_id == id_token_id,
        ChargingSession.state == SessionState.ACTIVE,
        # A refused or queued transaction, whose stop may never come, must not block the card.
        ChargingSession.historical.is_(False),
    )
    if evse_id is not None:
        query = query.where(ChargingSession.evse_id != evse_id)
    return await uow.session.scalar(query.limit(1))


def is_before(moment: datetime, session: ChargingSession) -> bool:
    """Whether a start lies before a live session's own: it was queued while the charger was offline."""
    began = session.started_at or session.created_at
    return moment < began
