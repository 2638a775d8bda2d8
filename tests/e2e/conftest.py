"""Fixtures with real processes: nothing is faked but the card processor and the push service."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notifications.fcm.double.process import FcmDoubleProcess
from payments.stripe.double.process import StripeDoubleProcess
from tests.e2e.processes import WEBHOOK_SECRET, ServerProcess, free_port
from tests.e2e.world import Driver, World, open_world, sign_up


@contextmanager
def run_server(settings: dict[str, str] | None = None, roles: tuple[str, ...] = ()) -> Iterator[ServerProcess]:
    """Run a server in a data folder of its own, with doubles that outlive it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="voltlane-e2e-", ignore_cleanup_errors=True) as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)
        stripe = StripeDoubleProcess(
            webhook_url=f"http://127.0.0.1:{port}/webhooks/stripe",
            webhook_secret=WEBHOOK_SECRET,
            state=data_dir / "stripe.sqlite",
        )
        stripe.start()
        with FcmDoubleProcess() as fcm:
            running = ServerProcess(data_dir, stripe, fcm, port=port, settings=settings or {}, roles=roles)
            try:
                running.start()
                yield running
            finally:
                running.close()
                stripe.stop()


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server for one test, which may kill it."""
    with run_server() as running:
        yield running


@pytest.fixture(params=["1.6", "2.0.1"])
async def world(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """The installation with a charger of each OCPP version in turn."""
    opened = await open_world(server, request.param)
    yield opened
    await opened.database.dispose()


@pytest.fixture
async def driver(world: World) -> AsyncIterator[Driver]:
    """A driver with a saved card."""
    made = await sign_up(world)
    async with made.api:
        yield made
