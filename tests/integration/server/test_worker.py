"""The worker: a job runs once, a failing one comes again, one whose process died is taken up, rounds reach all."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.db.tables import Tenant
from app.db.uow import Database
from app.server.worker import Handler, Round, Worker


@asynccontextmanager
async def _working(database: Database, handlers: dict[str, Handler], *rounds: Round) -> AsyncIterator[None]:
    worker = Worker(database, handlers, rounds, timedelta(milliseconds=50))
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()


async def _enqueue(database: Database, tenant: Tenant, job: str, **payload: Any) -> None:
    async with database.unit_of_work(tenant.id) as uow:
        await uow.enqueue(job, payload, dedupe_key=f"{job}:{payload}")


async def _left(database: Database) -> int:
    async with database.read(None) as session:
        return int(await session.scalar(text("select count(*) from pgqueuer")) or 0)


async def _until_empty(database: Database) -> None:
    async with asyncio.timeout(30):
        while await _left(database):  # noqa: ASYNC110  the queue tells nobody
            await asyncio.sleep(0.05)


async def test_a_job_runs_once_with_its_tenant_and_payload(app_db: Database, tenant: Tenant) -> None:
    seen: list[tuple[UUID, Any]] = []

    async def handle(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        seen.append((tenant_id, payload["session"]))

    async with _working(app_db, {"session.test": handle}):
        await _enqueue(app_db, tenant, "session.test", session="s1")
        await _enqueue(app_db, tenant, "session.test", session="s2")
        await _until_empty(app_db)
    assert sorted(seen) == [(tenant.id, "s1"), (tenant.id, "s2")]


async def test_a_failing_job_comes_again_until_it_succeeds(app_db: Database, tenant: Tenant) -> None:
    attempts = 0

    async def handle(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise RuntimeError("the processor does not answer")

    async with _working(app_db, {"flaky": handle}):
        await _enqueue(app_db, tenant, "flaky")
        await _until_empty(app_db)
    assert attempts == 3


async def test_a_job_whose_process_died_is_taken_up(app_db: Database, tenant: Tenant) -> None:
    done = asyncio.Event()

    async def handle(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        done.set()

    await _enqueue(app_db, tenant, "orphaned")
    async with app_db.unit_of_work(tenant.id) as uow:  # picked by a process that is gone
        await uow.session.execute(
            text(
                "update pgqueuer set status = 'picked', queue_manager_id = gen_random_uuid(),"
                " heartbeat = now() - interval '1 minute'"
            )
        )
    async with _working(app_db, {"orphaned": handle}), asyncio.timeout(30):
        await done.wait()
        await _until_empty(app_db)


async def test_stopping_finishes_what_runs(app_db: Database, tenant: Tenant) -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def handle(tenant_id: UUID, payload: Mapping[str, Any]) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        finished.set()

    async with _working(app_db, {"slow": handle}):
        await _enqueue(app_db, tenant, "slow")
        await asyncio.wait_for(begun.wait(), 30)
    assert finished.is_set()
    assert await _left(app_db) == 0


async def test_a_failing_round_keeps_no_other_waiting(app_db: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    reached: set[UUID] = set()
    both = asyncio.Event()

    async def broken(tenant_id: UUID) -> None:
        raise RuntimeError("always")

    async def note(tenant_id: UUID) -> None:
        reached.add(tenant_id)
        if len(reached) == 2:
            both.set()

    async with _working(app_db, {}, broken, note):
        await asyncio.wait_for(both.wait(), 30)
    assert reached == {tenant.id, other_tenant.id}
