"""Figures for Prometheus: requests of the process, and what waits in the database (jobs, sessions, incidents)."""

import asyncio
from contextlib import AsyncExitStack

import structlog
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from sqlalchemy import text

from app.db.uow import Database

_log = structlog.get_logger(__name__)
_PAUSE_SECONDS = 15

_JOBS = text("select status::text as status, count(*) as count from pgqueuer group by 1")
_CHARGERS = text("select count(*) filter (where connected), count(*) from chargers")
_JOB_STATES = ("queued", "picked", "failed")


class BacklogGauges:
    """What waits, refreshed in the background so that a scrape costs no query."""

    def __init__(self, registry: CollectorRegistry) -> None:
        ProcessCollector(registry=registry)
        self.jobs = Gauge("voltlane_jobs", "Jobs in the queue by state", ["state"], registry=registry)
        self.chargers = Gauge("voltlane_chargers", "Chargers by connection", ["connected"], registry=registry)

    async def refresh(self, app: Database, bridge: Database) -> None:
        """Read the figures once; the bridge's role sees the chargers of every tenant."""
        async with app.read(None) as session:
            found: dict[str, int] = {status: count for status, count in await session.execute(_JOBS)}  # noqa: C416
        async with bridge.read(None) as session:
            connected, total = (await session.execute(_CHARGERS)).one()
        for state in _JOB_STATES:
            self.jobs.labels(state).set(found.get(state, 0))
        self.chargers.labels("true").set(connected)
        self.chargers.labels("false").set(total - connected)


def watch_backlog(stack: AsyncExitStack, registry: CollectorRegistry, app: Database, bridge: Database) -> None:
    """Keep the gauges fresh until the stack closes."""
    gauges = BacklogGauges(registry)

    async def run() -> None:
        while True:
            try:
                await gauges.refresh(app, bridge)
            except Exception:
                _log.exception("metrics could not be refreshed")
            await asyncio.sleep(_PAUSE_SECONDS)

    task = asyncio.create_task(run(), name="metrics")

    async def cancel() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(cancel)
