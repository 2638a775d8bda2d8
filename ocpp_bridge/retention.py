"""How long the bridge keeps what it need not keep for ever: raw frames, and answers to messages that may come again."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from app.db.uow import Database
from app.kit.clock import Clock
from ocpp_bridge.tables import AnsweredCall, RawFrame

ANSWERS_KEPT = timedelta(days=400)
"""A charger's clock is believed for as long: an older message counts as new anyway."""


async def drop_old_frames(database: Database, tenant_id: UUID, clock: Clock, *, frames_kept: timedelta) -> None:
    """Delete a tenant's frames and answers that are past their time; readings and sessions are never touched."""
    now = clock.now()
    async with database.unit_of_work(tenant_id) as uow:
        await uow.session.execute(delete(RawFrame).where(RawFrame.at < now - frames_kept))
        await uow.session.execute(delete(AnsweredCall).where(AnsweredCall.created_at < now - ANSWERS_KEPT))
