"""The API over a charging world: with payments as a recording fake, or through the real library and the double."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import event

from app.db.live import LiveUpdates
from app.db.tables import Tenant
from app.db.uow import Database
from app.kit.clock import SystemClock
from payments.deps import PaymentDeps
from payments.holds import SessionPayments
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.process import StripeDoubleProcess
from tests.factories.drivers import driver
from tests.factories.network import network
from tests.factories.world import World
from tests.fakes.clock import FrozenClock
from tests.integration.bff.api import Api, serve, services_for


@pytest.fixture
async def world(app_db: Database, bridge_db: Database, tenant: Tenant) -> World:
    """One charger with two EVSEs of 50 kW and a published tariff."""
    clock = FrozenClock(SystemClock().now().replace(microsecond=0))
    net = await network(app_db, tenant, evses=2, clock=clock)
    return World(app_db, bridge_db, tenant, clock, net, await driver(app_db, tenant))


@pytest.fixture
async def live(app_db: Database) -> AsyncIterator[LiveUpdates]:
    """The process's listener."""
    async with LiveUpdates(app_db.engine) as updates:
        await updates.listening()
        yield updates


@pytest.fixture
async def api(world: World, live: LiveUpdates) -> AsyncIterator[Api]:
    """The API; payments are the world's fake, and the processor must not be asked."""
    nobody = cast("StripeGateway", None)
    services, mails = services_for(world, live, PaymentDeps(world.app, nobody, world.clock))
    async with serve(services, mails, world) as running:
        yield running


@pytest.fixture
def statements(app_db: Database) -> Iterator[list[str]]:
    """Every SQL statement of the API's role but those that open a transaction, as they run."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith(("set transaction", "select set_config")):
            seen.append(statement)

    event.listen(app_db.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(app_db.engine.sync_engine, "before_cursor_execute", note)


@pytest.fixture(scope="package")
def double() -> Iterator[StripeDoubleProcess]:
    """The Stripe double, one process for all tests here."""
    with StripeDoubleProcess() as process:
        yield process


@pytest.fixture
async def stripe_admin(double: StripeDoubleProcess) -> AsyncIterator[StripeDoubleAdmin]:
    """The switchboard of an empty double."""
    async with StripeDoubleAdmin(double.url) as admin:
        await admin.reset()
        yield admin


@pytest.fixture
async def paying_api(
    world: World, live: LiveUpdates, double: StripeDoubleProcess, stripe_admin: StripeDoubleAdmin
) -> AsyncIterator[Api]:
    """The API with payments through the real stripe library and the double."""
    async with StripeGateway("sk_test_voltlane", api_base=double.url, timeout_s=5) as gateway:
        deps = PaymentDeps(world.app, gateway, world.clock)
        world.payments = cast("Any", SessionPayments(deps))
        services, mails = services_for(world, live, deps)
        async with serve(replace(services, charging=world.deps), mails, world) as running:
            yield running
