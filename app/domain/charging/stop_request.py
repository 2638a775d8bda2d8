"""Asking for a stop: noted on the session first, so that it is visible and survives an offline charger."""

from datetime import datetime

from app.db.uow import UnitOfWork
from app.domain.charging.progress import publish
from app.domain.charging.states import StopReason
from app.domain.charging.tables import ChargingSession


async def request_stop(uow: UnitOfWork, session: ChargingSession, reason: StopReason, at: datetime) -> None:
    """Note that an active session is to stop and enqueue the command to its charger."""
    if session.stop_requested_at is None:
        session.stop_requested_at = at
        session.stop_requested_reason = reason
        await publish(uow, session, "session.stop_requested")
    await uow.enqueue("session.stop_charger", {"session": str(session.id)}, dedupe_key=f"stop:{session.id}")
