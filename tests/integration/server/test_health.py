"""Health and metrics: liveness needs nothing, readiness the database, figures add up over tenants and name nobody."""

import httpx
from litestar import Litestar
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import IncidentKind
from app.domain.stations.tables import Charger
from app.server.health import create_health_routes
from app.server.metrics import BacklogGauges


def _client(database: Database, registry: CollectorRegistry) -> httpx.AsyncClient:
    app = Litestar(create_health_routes(database, registry), openapi_config=None)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar types its messages more narrowly
    return httpx.AsyncClient(transport=transport, base_url="http://voltlane.test")


async def test_a_process_without_database_lives_and_is_not_ready() -> None:
    nowhere = Database(create_async_engine("postgresql+asyncpg://nobody@/nothing?host=/nonexistent"))
    async with _client(nowhere, CollectorRegistry()) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
    await nowhere.dispose()


async def test_figures_add_up_over_tenants(
    app_db: Database, bridge_db: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    for brand in (tenant, other_tenant):
        async with app_db.unit_of_work(brand.id) as uow:
            uow.session.add(Charger(identity="CP1", connected=brand is tenant))
            await open_incident(uow, IncidentKind.METER_FELL, "x", {})
            await uow.enqueue("some.job")
    registry = CollectorRegistry()
    await BacklogGauges(registry).refresh(app_db, bridge_db)
    async with _client(app_db, registry) as client:
        assert (await client.get("/readyz")).status_code == 200
        figures = (await client.get("/metrics")).text
    assert 'voltlane_chargers{connected="true"} 1.0' in figures
    assert 'voltlane_chargers{connected="false"} 1.0' in figures
    assert 'voltlane_jobs{state="queued"} 2.0' in figures
    assert "voltlane_incidents_open 2.0" in figures
    assert 'voltlane_sessions{state="ACTIVE"} 0.0' in figures
    assert str(tenant.id) not in figures
