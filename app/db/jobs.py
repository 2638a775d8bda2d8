"""Jobs as rows of PgQueuer, enqueued in the transaction that makes them necessary."""

from datetime import timedelta

from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlalchemy.ext.asyncio import AsyncSession


async def enqueue_in(
    session: AsyncSession,
    job: str,
    payload: bytes,
    *,
    dedupe_key: str | None = None,
    delay: timedelta | None = None,
) -> None:
    """Insert a job through the session's own connection, whose transaction has really begun.

    A statement must have run in the session before: raw asyncpg does not trigger SQLAlchemy's lazy BEGIN.
    """
    connection = await session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    if raw is None or not raw.is_in_transaction():
        raise RuntimeError("a job must be enqueued inside a running transaction")
    await Queries(AsyncpgDriver(raw)).enqueue(
        job, payload, execute_after=delay, dedupe_key=dedupe_key, on_conflict="skip"
    )
