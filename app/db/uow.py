"""The unit of work: the only place that commits.

A use case opens one, changes rows through `session`, records events and enqueues jobs; leaving the block without an
error commits everything at once, leaving it with an error (or failing to commit) keeps nothing and raises. The
tenant is set locally in the transaction, so row-level security holds for every statement in it. No network call
belongs inside.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, AsyncSessionTransaction, async_sessionmaker

from app.db.base import AggregateRow
from app.db.events import NOTIFY_CHANNEL, notify_payload
from app.db.jobs import enqueue_in
from app.db.tables import Event

T = TypeVar("T")
_RETRY_STATES = frozenset({"40001", "40P01"})
_MAX_ATTEMPTS = 5


class UnitOfWork:
    """One transaction of one tenant."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        self._sessions = sessions
        self._transaction: AsyncSessionTransaction | None = None
        self.session: AsyncSession

    async def __aenter__(self) -> Self:
        self.session = self._sessions()
        try:
            self._transaction = await self.session.begin()
            await set_tenant(self.session, self.tenant_id)
        except BaseException:
            await self.session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self.session.commit()
            else:
                await self.session.rollback()
        finally:
            await self.session.close()

    async def record(self, aggregate: AggregateRow, event_type: str, payload: dict[str, Any]) -> Event:
        """Append an event under the aggregate's next sequence number and wake the listeners after the commit.

        The caller holds the aggregate's row lock (it selected it `FOR UPDATE` or inserts it).
        """
        await self.session.flush()  # a new aggregate gets its id and first number here
        aggregate.seq += 1
        event = Event(
            tenant_id=self.tenant_id,
            aggregate_type=aggregate.__tablename__,
            aggregate_id=aggregate.id,
            seq=aggregate.seq,
            type=event_type,
            payload=payload,
        )
        self.session.add(event)
        await self.session.flush()
        await self.session.execute(
            text("select pg_notify(:channel, :payload)"),
            {"channel": NOTIFY_CHANNEL, "payload": notify_payload(event)},
        )
        return event

    async def enqueue(
        self,
        job: str,
        payload: dict[str, Any] | None = None,
        *,
        dedupe_key: str | None = None,
        delay: timedelta | None = None,
    ) -> None:
        """Enqueue a job in this transaction: it exists if and only if the transaction commits.

        While a job with the same `dedupe_key` waits or runs, no second one is added.
        """
        await self.session.flush()
        body = {"tenant": str(self.tenant_id), **(payload or {})}
        await enqueue_in(self.session, job, json.dumps(body).encode(), dedupe_key=dedupe_key, delay=delay)


class Database:
    """A role's pool of connections and the two ways to use it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=True)

    def unit_of_work(self, tenant_id: UUID) -> UnitOfWork:
        """Return a unit of work for one tenant: `async with database.unit_of_work(tenant) as uow`."""
        return UnitOfWork(self._sessions, tenant_id)

    async def transact(self, tenant_id: UUID, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run `work` in a unit of work; again from the start where PostgreSQL reports a deadlock or serialisation
        failure.

        `work` must have no effect outside the transaction.
        """
        attempt = 1
        while True:
            try:
                async with self.unit_of_work(tenant_id) as uow:
                    return await work(uow)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RETRY_STATES or attempt == _MAX_ATTEMPTS:
                    raise
                attempt += 1

    @asynccontextmanager
    async def read(self, tenant_id: UUID | None) -> AsyncIterator[AsyncSession]:
        """Open a short read-only transaction of one tenant; with None only the global tables are visible."""
        async with self._sessions() as session, session.begin():
            await session.execute(text("set transaction read only"))
            if tenant_id is not None:
                await set_tenant(session, tenant_id)
            yield session

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


async def set_tenant(session: AsyncSession, tenant_id: UUID) -> None:
    """Set the tenant for the rest of the transaction (row-level security reads it)."""
    await session.execute(text("select set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant_id)})
