"""The reconcile rounds of sessions that have begun: stops that are due or lost, parking, settlement."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.inbound.supersede import supersede
from app.domain.charging.limits import reached_limit
from app.domain.charging.states import SessionState
from app.domain.charging.stop_request import request_stop
from app.domain.charging.tables import ChargingSession
from app.domain.charging.unplug import finish_parking
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger, Evse

_SILENT_CHARGER = timedelta(minutes=10)
"""A charger that is offline this long after a stop cannot tell of the unplug: parking ended with the energy."""

_LOST_STOP = timedelta(minutes=15)
"""A connected charger that calls an EVSE free this long has lost the stop of the charge there."""

_FORGOTTEN = timedelta(hours=24)
"""A charger that was connected this long and said nothing of a transaction apart from the EVSE's own has lost it."""


def may_need_stop(now: datetime) -> ColumnElement[bool]:
    """Tell which charges were asked to stop and did not, or may have run for their time."""
    return and_(
        ChargingSession.state == SessionState.ACTIVE,
        or_(
            and_(ChargingSession.stop_requested_at.is_not(None), ChargingSession.deadline_at < now),
            and_(ChargingSession.stop_requested_at.is_(None), ChargingSession.max_duration_seconds.is_not(None)),
        ),
    )


async def stop_if_due(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Repeat a stop whose charger is connected and did not react, and stop what has run for its time."""

    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state is not SessionState.ACTIVE:
            return
        now = deps.clock.now()
        reason = session.stop_requested_reason or reached_limit(session, now)
        charger = await uow.session.get(Charger, session.charger_id) if session.charger_id else None
        repeat = session.stop_requested_at is None or (charger is not None and charger.connected)
        if reason is not None and repeat:
            await request_stop(uow, session, reason, now)

    await deps.database.transact(tenant_id, work)


def stop_lost(now: datetime) -> ColumnElement[bool]:
    """Tell which charges go on at an EVSE that its charger has called free since their last reading."""
    free = select(Evse.id).where(
        Evse.status == EvseStatus.AVAILABLE,
        Evse.status_at < now - _LOST_STOP,
        Evse.status_at > ChargingSession.started_at,
        Evse.status_at >= func.coalesce(ChargingSession.last_reading_at, ChargingSession.started_at),
    )
    return and_(
        ChargingSession.state == SessionState.ACTIVE,
        ChargingSession.historical.is_(False),
        free.where(Evse.id == ChargingSession.evse_id).exists(),
    )


def forgotten(now: datetime) -> ColumnElement[bool]:
    """Tell which queued or refused transactions nobody spoke of for a day, while their charger could have."""
    heard_at = func.coalesce(ChargingSession.last_heard_at, ChargingSession.created_at)
    connected = select(Charger.id).where(Charger.connected, Charger.connected_at <= now - _FORGOTTEN)
    return and_(
        ChargingSession.state == SessionState.ACTIVE,
        ChargingSession.historical,
        heard_at <= now - _FORGOTTEN,
        connected.where(Charger.id == ChargingSession.charger_id).exists(),
    )


async def end_without_stop(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """The charger is connected and has lost the stop: the session ends with its last reading, estimated."""

    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        charger = await uow.session.get(Charger, session.charger_id) if session.charger_id else None
        if session.state is SessionState.ACTIVE and charger is not None and charger.connected:
            await supersede(uow, session, deps.clock.now())

    await deps.database.transact(tenant_id, work)


def parking(_: datetime) -> ColumnElement[bool]:
    """Tell which cars block their place."""
    return ChargingSession.state == SessionState.PARKING


async def end_parking(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Parking has a cap; and a charger that went silent after the stop ends it with the energy."""

    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state is not SessionState.PARKING or session.energy_ended_at is None:
            return
        now = deps.clock.now()
        charger = await uow.session.get(Charger, session.charger_id) if session.charger_id else None
        if session.deadline_at is not None and session.deadline_at < now:
            await finish_parking(uow, session, session.deadline_at)
        elif charger is None or (not charger.connected and session.energy_ended_at < now - _SILENT_CHARGER):
            await finish_parking(uow, session, session.energy_ended_at)

    await deps.database.transact(tenant_id, work)


def settling(_: datetime) -> ColumnElement[bool]:
    """Tell which sessions are to be rated and paid."""
    return ChargingSession.state == SessionState.SETTLING


async def settle_again(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """The job is deduplicated by its key: where it still waits or runs, nothing is added."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        await uow.enqueue("session.settle", {"session": str(session_id)}, dedupe_key=f"settle:{session_id}")
