"""The worker: runs jobs as they are enqueued, and the reconcile rounds that need no job.

A job that fails is repeated with growing pauses and held for an operator after the last; one whose process died is
taken up again after its heartbeat is missed. Rounds run in one process at a time, under an advisory lock.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job
from sqlalchemy import text

from app.db.engine import connect_arguments
from app.db.tenants import all_tenants
from app.db.uow import Database

_log = structlog.get_logger(__name__)

Handler = Callable[[UUID, Mapping[str, Any]], Awaitable[None]]
"""A job's work: the tenant and the payload it was enqueued with."""

Round = Callable[[UUID], Awaitable[None]]
"""A reconcile round over one tenant."""

_HEARTBEAT = timedelta(seconds=8)
_MAX_ATTEMPTS = 12
_ROUND_LOCK = 7202613
_RESTART_PAUSE = 1.0


@dataclass
class Worker:
    """Runs the handlers and rounds it was given until it is stopped."""

    database: Database
    handlers: Mapping[str, Handler]
    rounds: Sequence[Round]
    pause: timedelta
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _queue: PgQueuer | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Begin to work in the background."""
        self._tasks = [asyncio.create_task(self._run_jobs()), asyncio.create_task(self._run_rounds())]

    async def stop(self) -> None:
        """Finish what runs, begin nothing new."""
        self._stopping.set()
        if self._queue is not None:
            self._queue.shutdown.set()
        _, unfinished = await asyncio.wait(self._tasks, timeout=20)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run_jobs(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncpg.create_pool(
                    **connect_arguments(self.database.engine), min_size=1, max_size=4
                ) as pool:
                    self._queue = self._register(PgQueuer(AsyncpgPoolDriver(pool)))
                    await self._queue.qm.run(
                        batch_size=10,
                        max_concurrent_tasks=40,
                        dequeue_timeout=timedelta(seconds=2),
                        heartbeat_timeout=_HEARTBEAT,
                        shutdown_on_listener_failure=True,
                    )
            except Exception:
                _log.exception("the job queue stopped; it is started again")
            if not self._stopping.is_set():
                await asyncio.sleep(_RESTART_PAUSE)

    def _register(self, queue: PgQueuer) -> PgQueuer:
        executor = partial(
            DatabaseRetryEntrypointExecutor,
            max_attempts=_MAX_ATTEMPTS,
            initial_delay=timedelta(seconds=1),
            max_delay=timedelta(minutes=5),
        )
        for name, handler in self.handlers.items():
            queue.entrypoint(name, executor_factory=executor, on_failure="hold")(_entrypoint(name, handler))
        return queue

    async def _run_rounds(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._round()
            except Exception:
                _log.exception("a reconcile round failed; the next one follows")
            try:
                await asyncio.wait_for(self._stopping.wait(), self.pause.total_seconds())
            except TimeoutError:
                continue

    async def _round(self) -> None:
        async with self.database.engine.connect() as connection:
            locked = await connection.scalar(text(f"select pg_try_advisory_lock({_ROUND_LOCK})"))
            if not locked:
                return
            await connection.rollback()  # the lock is the session's; no transaction stays open
            try:
                for tenant in await all_tenants(self.database):
                    for run in self.rounds:
                        await self._run_one(run, tenant.id)
            finally:
                await connection.execute(text(f"select pg_advisory_unlock({_ROUND_LOCK})"))

    async def _run_one(self, run: Round, tenant_id: UUID) -> None:
        try:
            await run(tenant_id)
        except Exception:
            _log.exception("a reconcile round failed for a tenant", tenant=str(tenant_id))


def _entrypoint(name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        payload = json.loads(job.payload or b"{}")
        with structlog.contextvars.bound_contextvars(job=name, job_id=int(job.id)):
            try:
                await handler(UUID(payload["tenant"]), payload)
            except Exception:
                _log.exception("job failed", attempt=job.attempts)
                raise

    return run
