"""A start that came to nothing: the reason is told, the hold is given back."""

from app.db.uow import UnitOfWork
from app.domain.charging.progress import move
from app.domain.charging.states import FailureCode, SessionState
from app.domain.charging.tables import ChargingSession


async def fail_start(
    uow: UnitOfWork, session: ChargingSession, failure: FailureCode, detail: str | None = None
) -> None:
    """End a start as failed (or cancelled by the driver) and enqueue the release of its hold in the same
    transaction.
    """
    session.failure = failure
    session.failure_detail = detail
    session.deadline_at = None
    target = SessionState.CANCELLED if failure is FailureCode.CANCELLED_BY_DRIVER else SessionState.FAILED
    await move(uow, session, target)
    if not session.free_of_charge:
        await uow.enqueue("session.release", {"session": str(session.id)}, dedupe_key=f"release:{session.id}")
