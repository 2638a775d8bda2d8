"""The charging world: a real database with both roles, every port a recording fake."""

from collections.abc import AsyncIterator

import pytest

from app.db.tables import Tenant
from app.db.uow import Database
from app.kit.clock import SystemClock
from tests.factories.checks import assert_events_tell_the_rows, assert_nothing_is_lost
from tests.factories.drivers import driver
from tests.factories.network import network
from tests.factories.world import World
from tests.fakes.clock import FrozenClock


@pytest.fixture
async def world(app_db: Database, bridge_db: Database, tenant: Tenant) -> AsyncIterator[World]:
    """One charger with two EVSEs of 50 kW, one driver. The clock stands at the machine's time, as the database's."""
    clock = FrozenClock(SystemClock().now().replace(microsecond=0))
    net = await network(app_db, tenant, evses=2, clock=clock)
    made = World(app_db, bridge_db, tenant, clock, net, await driver(app_db, tenant))
    yield made
    await assert_events_tell_the_rows(made)
    await assert_nothing_is_lost(made)
