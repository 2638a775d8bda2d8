"""Heals what a crash or a silence left between two steps; run again and again, for each tenant.

Each state that waits for something has a deadline or a repeatable step, so that no session stays where it is for ever.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.fail import fail_start
from app.domain.charging.inbound.supersede import supersede
from app.domain.charging.limits import reached_limit
from app.domain.charging.payment_changed import payment_changed
from app.domain.charging.start_charging import hold_and_apply
from app.domain.charging.states import FailureCode, SessionState
from app.domain.charging.stop_request import request_stop
from app.domain.charging.tables import ChargingSession
from app.domain.charging.unplug import finish_parking
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger, Evse

_log = structlog.get_logger(__name__)

_STEP_GRACE = timedelta(seconds=15)
"""A step that takes longer than this without a trace was interrupted."""

_SILENT_CHARGER = timedelta(minutes=10)
"""A charger that is offline this long after a stop cannot tell of the unplug: parking ended with the energy."""

_LOST_STOP = timedelta(minutes=15)
"""A connected charger that calls an EVSE free this long has lost the stop of the charge there."""

_BATCH = 200


async def reconcile_sessions(deps: Charging, tenant_id: UUID) -> None:
    """Go once over every session that waits."""
    now = deps.clock.now()
    for condition, heal in _ROUNDS:
        async for session_id in _find(deps, tenant_id, condition(now)):
            try:
                await heal(deps, tenant_id, session_id)
            except Exception:
                # One session that cannot be healed now must not keep the others waiting.
                _log.exception("session could not be reconciled", session=str(session_id))


async def _find(deps: Charging, tenant_id: UUID, condition: ColumnElement[bool]) -> AsyncIterator[UUID]:
    """Yield every session that waits, batch by batch: those that stay as they are never hide the ones behind them."""
    last: UUID | None = None
    while True:
        query = select(ChargingSession.id).where(condition).order_by(ChargingSession.id).limit(_BATCH)
        if last is not None:
            query = query.where(ChargingSession.id > last)
        async with deps.database.read(tenant_id) as db:
            batch = (await db.scalars(query)).all()
        for session_id in batch:
            yield session_id
        if len(batch) < _BATCH:
            return
        last = batch[-1]


def _hold_interrupted(now: datetime) -> ColumnElement[bool]:
    return and_(ChargingSession.state == SessionState.PENDING_PAYMENT, ChargingSession.created_at < now - _STEP_GRACE)


async def _place_hold(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Place it again; a processor that stays silent does not block the EVSE for longer than a driver would wait."""
    try:
        await hold_and_apply(deps, tenant_id, session_id)
    finally:
        await deps.database.transact(tenant_id, lambda uow: _give_up_payment(deps, uow, session_id))


async def _give_up_payment(deps: Charging, uow: UnitOfWork, session_id: UUID) -> None:
    session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
    overdue = session.created_at < deps.clock.now() - deps.settings.payment_action_timeout
    if session.state is SessionState.PENDING_PAYMENT and overdue:
        await fail_start(uow, session, FailureCode.PAYMENT_UNAVAILABLE)


def _authentication_overdue(now: datetime) -> ColumnElement[bool]:
    return and_(ChargingSession.state == SessionState.PENDING_ACTION, ChargingSession.deadline_at < now)


async def _end_authentication(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """The last chance: a card that was authenticated meanwhile counts, else the start is given up."""
    await payment_changed(deps, tenant_id, session_id)
    await _fail_if_still(deps, tenant_id, session_id, SessionState.PENDING_ACTION, FailureCode.AUTHENTICATION_ABANDONED)


def _start_not_sent(now: datetime) -> ColumnElement[bool]:
    return and_(
        ChargingSession.state == SessionState.PENDING_CHARGER,
        ChargingSession.deadline_at.is_(None),
        or_(
            and_(ChargingSession.start_sent_at.is_(None), ChargingSession.created_at < now - _STEP_GRACE),
            ChargingSession.start_sent_at < now - timedelta(minutes=2),
        ),
    )


async def _send_again(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    async with deps.database.unit_of_work(tenant_id) as uow:
        await uow.enqueue("session.start_charger", {"session": str(session_id)}, dedupe_key=f"start:{session_id}")


def _start_overdue(now: datetime) -> ColumnElement[bool]:
    return and_(
        ChargingSession.state.in_((SessionState.PENDING_CHARGER, SessionState.START_UNCERTAIN)),
        ChargingSession.deadline_at < now,
    )


async def _give_up_start(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    for state in (SessionState.PENDING_CHARGER, SessionState.START_UNCERTAIN):
        await _fail_if_still(deps, tenant_id, session_id, state, FailureCode.CHARGER_DID_NOT_START)


async def _fail_if_still(
    deps: Charging, tenant_id: UUID, session_id: UUID, state: SessionState, failure: FailureCode
) -> None:
    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        overdue = session.deadline_at is not None and session.deadline_at < deps.clock.now()
        if session.state is state and overdue:
            await fail_start(uow, session, failure)

    await deps.database.transact(tenant_id, work)


def _may_need_stop(now: datetime) -> ColumnElement[bool]:
    return and_(
        ChargingSession.state == SessionState.ACTIVE,
        or_(
            and_(ChargingSession.stop_requested_at.is_not(None), ChargingSession.deadline_at < now),
            and_(ChargingSession.stop_requested_at.is_(None), ChargingSession.max_duration_seconds.is_not(None)),
        ),
    )


async def _stop_if_due(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
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


def _stop_lost(now: datetime) -> ColumnElement[bool]:
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


async def _end_without_stop(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """A connected charger has called the EVSE free for long and the stop never came: the last reading counts."""

    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        charger = await uow.session.get(Charger, session.charger_id) if session.charger_id else None
        if session.state is SessionState.ACTIVE and charger is not None and charger.connected:
            await supersede(uow, session, deps.clock.now())

    await deps.database.transact(tenant_id, work)


def _parking(_: datetime) -> ColumnElement[bool]:
    return ChargingSession.state == SessionState.PARKING


async def _end_parking(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
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


def _settling(_: datetime) -> ColumnElement[bool]:
    return ChargingSession.state == SessionState.SETTLING


async def _settle_again(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """The job is deduplicated by its key: where it still waits or runs, nothing is added."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        await uow.enqueue("session.settle", {"session": str(session_id)}, dedupe_key=f"settle:{session_id}")


_ROUNDS: tuple[
    tuple[Callable[[datetime], ColumnElement[bool]], Callable[[Charging, UUID, UUID], Awaitable[None]]], ...
] = (
    (_hold_interrupted, _place_hold),
    (_authentication_overdue, _end_authentication),
    (_start_not_sent, _send_again),
    (_start_overdue, _give_up_start),
    (_may_need_stop, _stop_if_due),
    (_stop_lost, _end_without_stop),
    (_parking, _end_parking),
    (_settling, _settle_again),
)
