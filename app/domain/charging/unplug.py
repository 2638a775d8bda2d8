"""The end of a car's stay: parking is over, the session goes on to be settled."""

from datetime import datetime

from app.db.uow import UnitOfWork
from app.domain.charging.progress import move
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession


async def finish_parking(uow: UnitOfWork, session: ChargingSession, at: datetime) -> None:
    """End a session's parking at the unplug (never before its energy ended) and have it settled."""
    session.ended_at = max(at, session.energy_ended_at) if session.energy_ended_at else at
    await begin_settling(uow, session)


async def begin_settling(uow: UnitOfWork, session: ChargingSession) -> None:
    """Hand a session over to its final rating and payment, in the same transaction."""
    await move(uow, session, SessionState.SETTLING)
    await uow.enqueue("session.settle", {"session": str(session.id)}, dedupe_key=f"settle:{session.id}")
