"""Removing what has no use any more: expired tokens and attempt counters whose window is over.

Revoked and used refresh tokens stay until they expire, for a token that comes again must be recognised.
"""

from uuid import UUID

from sqlalchemy import delete

from app.db.uow import Database
from app.domain.drivers.attempts import LONGEST_WINDOW
from app.domain.drivers.tables import AttemptCounter, OneTimeToken, RefreshToken
from app.kit.clock import Clock


async def purge_expired(database: Database, tenant_id: UUID, clock: Clock) -> None:
    """Delete a tenant's expired tokens and counters; may run at any time, any number of times."""
    now = clock.now()
    async with database.unit_of_work(tenant_id) as uow:
        await uow.session.execute(delete(RefreshToken).where(RefreshToken.expires_at <= now))
        await uow.session.execute(delete(OneTimeToken).where(OneTimeToken.expires_at <= now))
        await uow.session.execute(
            delete(AttemptCounter).where(AttemptCounter.window_started_at <= now - LONGEST_WINDOW)
        )
