"""A start that came to nothing: the reason is told, the hold is given back."""

from app.db.uow import UnitOfWork
from app.domain.charging.progress import move
from app.domain.charging.states import FailureCode, SessionState
from app.domain.charging.tables import ChargingSession

_CANCELLED = frozenset({FailureCode.CANCELLED_BY_DRIVER, FailureCode.CANCELLED_BY_OPERATOR})


async def fail_start(
    uow: UnitOfWork, session: ChargingSession, failure: FailureCode, detail: str | None = None
) -> None:
    """End a start as failed or cancelled; the release of its hold is enqueued in the same transaction."""
    session.failure = failure
    session.failure_detail = detail
    session.deadline_at = None
    await move(uow, session, SessionState.CANCELLED if failure in _CANCELLED else SessionState.FAILED)
    if not session.free_of_charge:
        await uow.enqueue("session.release", {"session": str(session.id)}, dedupe_key=f"release:{session.id}")
