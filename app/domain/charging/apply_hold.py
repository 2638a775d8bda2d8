"""What the card processor said about a hold, recorded on the session, with the job that follows from it."""

from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.fail import fail_start
from app.domain.charging.progress import move
from app.domain.charging.states import FailureCode, SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.ports import HoldResult, HoldStatus

_WAITING = frozenset({SessionState.PENDING_PAYMENT, SessionState.PENDING_ACTION})


async def apply_hold(deps: Charging, tenant_id: UUID, session_id: UUID, result: HoldResult) -> None:
    """Advance a session that waits for its hold. A result that comes again, or too late, changes nothing."""

    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state in _WAITING:
            await _advance(deps, uow, session, result)

    await deps.database.transact(tenant_id, work)


async def _advance(deps: Charging, uow: UnitOfWork, session: ChargingSession, result: HoldResult) -> None:
    match result.status:
        case HoldStatus.AUTHORISED:
            await ask_charger(uow, session)
        case HoldStatus.REQUIRES_ACTION if session.state is SessionState.PENDING_PAYMENT:
            session.deadline_at = deps.clock.now() + deps.settings.payment_action_timeout
            await move(uow, session, SessionState.PENDING_ACTION)
            await _ask_driver(deps, uow, session)
        case HoldStatus.DECLINED:
            await fail_start(uow, session, FailureCode.CARD_DECLINED, result.failure_code)
            await _tell_declined(deps, uow, session)
        case HoldStatus.CANCELLED:
            await fail_start(uow, session, FailureCode.AUTHENTICATION_ABANDONED, result.failure_code)
        case HoldStatus.REQUIRES_ACTION | HoldStatus.UNKNOWN:
            pass


async def ask_charger(uow: UnitOfWork, session: ChargingSession) -> None:
    """The payment is safe: the charger's start is enqueued in this transaction."""
    session.deadline_at = None
    await move(uow, session, SessionState.PENDING_CHARGER)
    await uow.enqueue("session.start_charger", {"session": str(session.id)}, dedupe_key=f"start:{session.id}")


async def _ask_driver(deps: Charging, uow: UnitOfWork, session: ChargingSession) -> None:
    if session.driver_id is not None:
        await deps.notifier.notify(
            uow,
            driver_id=session.driver_id,
            kind="PAYMENT_ACTION_REQUIRED",
            payload={"session_id": session.id, "amount": hold_of(session)},
            dedupe_key=f"action:{session.id}",
        )


async def _tell_declined(deps: Charging, uow: UnitOfWork, session: ChargingSession) -> None:
    if session.driver_id is not None:
        await deps.notifier.notify(
            uow,
            driver_id=session.driver_id,
            kind="PAYMENT_FAILED",
            payload={"session_id": session.id, "amount": hold_of(session)},
            dedupe_key=f"declined:{session.id}",
        )


def hold_of(session: ChargingSession) -> dict[str, object]:
    """Return a session's hold as notifications carry money."""
    return {"minor": session.hold_minor or 0, "currency": session.currency}
