"""Starting, splitting and ending the server: no message is cut off, nothing stays running, each role does its part."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from notifications.fcm.double.admin import FcmDoubleAdmin
from tests.e2e.conftest import run_server
from tests.e2e.processes import ServerProcess, free_port
from tests.e2e.world import ACTIVE, Driver, World, billed, open_world, sign_up

_PHONE = "phone-" + "x" * 40
REGISTER = """mutation Register($input: RegisterDeviceInput!) {
  registerDevice(input: $input) { device { id } userErrors { code message } } }"""

pytestmark = [pytest.mark.commits, pytest.mark.timeout(180)]


@contextmanager
def _beside(api: ServerProcess, *roles: str) -> Iterator[ServerProcess]:
    """Run another process on the same data folder and doubles."""
    other = ServerProcess(api.data_dir, api.stripe, api.fcm, port=free_port(), roles=roles)
    try:
        other.start()
        yield other
    finally:
        other.close()


async def test_a_restart_in_the_middle_of_a_charge_is_clean() -> None:
    with run_server() as server:
        world = await open_world(server, "1.6")
        driver = await sign_up(world)
        station = world.station()
        async with driver.api, station.running():
            await driver.api.mutate(REGISTER, input={"token": _PHONE, "platform": "IOS", "locale": "en"})
            await world.available()
            await driver.start()
            session = await world.session_in("ACTIVE")
            await world.energy_above(300)
            assert server.stop() == 0
            await station.wait_for(lambda s: not s.online, timeout_s=20)
            server.start()
            await station.wait_for(lambda s: s.online, timeout_s=30)
            await world.energy_above(900)
            active = (await driver.api.execute(ACTIVE))["activeSession"]
            await driver.stop(active["id"])
            await world.session_in("COMPLETED", timeout_s=60)
            books = await billed(world, session.id)
            assert books["cost"] == books["captured"] == books["receipt"] == books["stripe_received"] > 0
            assert books["ledger_receivable"] == books["ledger_sum"] == 0
            await _assert_told(world)
        await world.database.dispose()
        assert server.stop() == 0
        assert not _postgres_of(server)


async def _assert_told(world: World) -> None:
    """The driver's phone was told of the start and the end, once each, over the restart."""
    phone = FcmDoubleAdmin(world.server.fcm.url)

    async def told() -> bool:
        return len(await phone.messages(_PHONE)) >= 2

    await world.until("two pushes", told)
    stored = await world.rows("select kind, state from notifications order by created_at")
    assert [tuple(row) for row in stored] == [("CHARGING_STARTED", "SENT"), ("CHARGING_ENDED", "SENT")]
    assert len(await phone.messages(_PHONE)) == 2


def _postgres_of(server: ServerProcess) -> list[int]:
    """Return the embedded database's processes that still run for the server's data folder."""
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and str(server.data_dir) in " ".join(process.info["cmdline"] or [])
    ]


async def test_roles_in_processes_of_their_own_carry_a_charge() -> None:
    """Commands find the process that holds the socket; each process has one role only."""
    with ExitStack() as stack:
        api = stack.enter_context(run_server(roles=("api",)))
        ocpp = stack.enter_context(_beside(api, "ocpp"))
        stack.enter_context(_beside(api, "worker"))
        world: World = await open_world(api, "2.0.1")
        driver: Driver = await sign_up(world)
        station = world.station(url_base=ocpp.ocpp_url)
        async with driver.api, station.running():
            await world.available()
            started = await driver.start()
            session = await world.session_in("ACTIVE")
            await world.energy_above(900)
            await driver.stop(started["session"]["id"])
            await world.session_in("COMPLETED", timeout_s=60)
            books = await billed(world, session.id)
            assert books["cost"] == books["captured"] == books["receipt"] == books["stripe_received"] > 0
            ocpp.kill()

            async def offline() -> bool:
                return bool(await world.rows("select 1 from chargers where not connected"))

            await world.until("a killed process's charger is shown offline", offline, timeout_s=45)
        await world.database.dispose()
