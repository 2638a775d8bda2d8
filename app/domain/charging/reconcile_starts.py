"""The reconcile rounds of sessions that have not begun: a step that was interrupted is repeated, a wait has its end."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.fail import fail_start
from app.domain.charging.payment_changed import payment_changed
from app.domain.charging.start_charging import hold_and_apply
from app.domain.charging.states import FailureCode, SessionState
from app.domain.charging.tables import ChargingSession

_STEP_GRACE = timedelta(seconds=15)
"""A step that takes longer than this without a trace was interrupted."""


def hold_interrupted(now: datetime) -> ColumnElement[bool]:
    """Tell which starts may have lost the step that places their hold."""
    return and_(ChargingSession.state == SessionState.PENDING_PAYMENT, ChargingSession.created_at < now - _STEP_GRACE)


async def place_hold(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
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


def authentication_overdue(now: datetime) -> ColumnElement[bool]:
    """Tell which drivers have not authenticated their card in time."""
    return and_(ChargingSession.state == SessionState.PENDING_ACTION, ChargingSession.deadline_at < now)


async def end_authentication(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """The last chance: a card that was authenticated meanwhile counts, else the start is given up."""
    await payment_changed(deps, tenant_id, session_id)
    await _fail_if_still(deps, tenant_id, session_id, SessionState.PENDING_ACTION, FailureCode.AUTHENTICATION_ABANDONED)


def start_not_sent(now: datetime) -> ColumnElement[bool]:
    """Tell which starts wait for a charger that was not asked, or whose answer was not recorded."""
    return and_(
        ChargingSession.state == SessionState.PENDING_CHARGER,
        ChargingSession.deadline_at.is_(None),
        or_(
            and_(ChargingSession.start_sent_at.is_(None), ChargingSession.created_at < now - _STEP_GRACE),
            ChargingSession.start_sent_at < now - timedelta(minutes=2),
        ),
    )


async def send_again(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Enqueue the start again; its job knows whether it was sent."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        await uow.enqueue("session.start_charger", {"session": str(session_id)}, dedupe_key=f"start:{session_id}")


def start_overdue(now: datetime) -> ColumnElement[bool]:
    """Tell which chargers have not started in time."""
    return and_(
        ChargingSession.state.in_((SessionState.PENDING_CHARGER, SessionState.START_UNCERTAIN)),
        ChargingSession.deadline_at < now,
    )


async def give_up_start(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Fail a start that the charger never made."""
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
