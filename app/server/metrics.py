"""Figures for Prometheus: requests of the process, and what waits in the database (jobs, sessions, incidents)."""

import asyncio
from contextlib import AsyncExitStack

import structlog
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from sqlalchemy import text

from app.db.tenants import all_tenants
from app.db.uow import Database
from app.domain.charging.states import LIVE, SessionState

_log = structlog.get_logger(__name__)
_PAUSE_SECONDS = 15

_JOBS = text("select status::text as status, count(*) as count from pgqueuer group by 1")
_CHARGERS = text("select count(*) filter (where connected), count(*) from chargers")
_SESSIONS = text(
    "select state, count(*) from charging_sessions where state not in ('COMPLETED', 'FAILED', 'CANCELLED') group by 1"
)
_OPEN = text(
    "select (select count(*) from incidents where resolved_at is null),"
    " (select count(*) from debts where state = 'OPEN'),"
    " (select count(*) from payments where state in ('CAPTURING', 'RELEASING'))"
)
_WAITING_STATES = tuple(state.value for state in LIVE | {SessionState.SETTLING, SessionState.REVIEW})
_JOB_STATES = ("queued", "picked", "failed")


class BacklogGauges:
    """What waits, refreshed in the background so that a scrape costs no query."""

    def __init__(self, registry: CollectorRegistry) -> None:
        ProcessCollector(registry=registry)
        self.jobs = Gauge("voltlane_jobs", "Jobs in the queue by state", ["state"], registry=registry)
        self.chargers = Gauge("voltlane_chargers", "Chargers by connection", ["connected"], registry=registry)

        self.sessions = Gauge("voltlane_sessions", "Sessions that are not over, by state", ["state"], registry=registry)
        self.incidents = Gauge("voltlane_incidents_open", "Incidents nobody has resolved", registry=registry)
        self.debts = Gauge("voltlane_debts_open", "Debts nobody has paid", registry=registry)
        self.payments = Gauge(
            "voltlane_payments_in_doubt", "Captures and releases without an answer yet", registry=registry
        )

    async def refresh(self, app: Database, bridge: Database) -> None:
        """Read the figures once; the bridge's role sees the chargers of every tenant, the rest is added up."""
        await self._refresh_shared(app, bridge)
        sessions = dict.fromkeys(_WAITING_STATES, 0)
        totals = [0, 0, 0]
        for tenant in await all_tenants(app):
            async with app.read(tenant.id) as session:
                for state, count in await session.execute(_SESSIONS):
                    sessions[state] = sessions.get(state, 0) + count
                row = (await session.execute(_OPEN)).one()
            totals = [total + found for total, found in zip(totals, row, strict=True)]
        for state, count in sessions.items():
            self.sessions.labels(state).set(count)
        for gauge, total in zip((self.incidents, self.debts, self.payments), totals, strict=True):
            gauge.set(total)

    async def _refresh_shared(self, app: Database, bridge: Database) -> None:
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
