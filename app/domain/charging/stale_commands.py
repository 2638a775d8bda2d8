"""Commands whose process died while it waited for the charger: their outcome will never be known, and they say so."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, update

from app.db.uow import Database
from app.domain.charging.tables import ChargerCommand, CommandState
from app.kit.clock import Clock

LONGEST_WAIT = timedelta(minutes=10)
"""No command waits longer: its deadline is at most five minutes."""


async def close_stale_commands(database: Database, tenant_id: UUID, clock: Clock) -> None:
    """Mark commands that have waited too long as timed out."""
    now = clock.now()
    asked_at = func.coalesce(ChargerCommand.sent_at, ChargerCommand.created_at)
    async with database.unit_of_work(tenant_id) as uow:
        await uow.session.execute(
            update(ChargerCommand)
            .where(ChargerCommand.state.in_((CommandState.QUEUED, CommandState.SENT)), asked_at < now - LONGEST_WAIT)
            .values(state=CommandState.TIMED_OUT, detail="the process that waited for it ended", answered_at=now)
            .execution_options(synchronize_session=False)
        )
