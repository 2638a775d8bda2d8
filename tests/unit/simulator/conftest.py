"""Both versions through one suite: `csms` is a central system and `station` a factory of connected stations."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from ocpp_bridge.simulator import SimulatedStation, StationConfig
from tests.unit.simulator.fake_csms import FakeCsms, fake_csms

MakeStation = Callable[..., Awaitable[SimulatedStation]]


@pytest_asyncio.fixture(params=["1.6", "2.0.1"])
async def csms(request: pytest.FixtureRequest) -> AsyncIterator[FakeCsms]:
    """A central system of each version."""
    async with fake_csms(request.param) as running:
        yield running


@pytest_asyncio.fixture
async def csms_v201() -> AsyncIterator[FakeCsms]:
    """A 2.0.1 central system, for what 1.6 does not have."""
    async with fake_csms("2.0.1") as running:
        yield running


@pytest_asyncio.fixture
async def csms_v16() -> AsyncIterator[FakeCsms]:
    """A 1.6 central system, for what 2.0.1 does not have."""
    async with fake_csms("1.6") as running:
        yield running


@pytest_asyncio.fixture
async def station() -> AsyncIterator[MakeStation]:
    """A factory: stations of the central system's version, quick to sample and to reconnect, already online."""
    async with AsyncExitStack() as stack:

        async def make(csms: FakeCsms, *, online: bool = True, **settings: Any) -> SimulatedStation:
            defaults: dict[str, Any] = {
                "identity": "CP-1",
                "url_base": csms.url,
                "version": csms.version,
                "password": "secret",
                "max_power_w": 300_000,
                "sample_interval_s": 0.05,
                "reconnect_first_s": 0.05,
                "retry_interval_s": 0.05,
                "reboot_s": 0.05,
            }
            made = SimulatedStation(StationConfig(**(defaults | settings)))
            await stack.enter_async_context(made.running())
            if online:
                await made.wait_for(lambda s: s.online)
                await made.outbox.drained(5)
            return made

        yield make
