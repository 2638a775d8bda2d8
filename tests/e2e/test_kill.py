"""SIGKILL of the server at the worst moments: the session goes on and is billed once, to the cent."""

import asyncio
from fractions import Fraction
from uuid import UUID

import httpx
import pytest

from app.kit.money import round_half_up
from ocpp_bridge.simulator import SimulatedStation
from payments.stripe.double.faults import Fault, FaultKind, Phase
from tests.e2e.world import ACTIVE, PRICE_PER_KWH_MINOR, Driver, World, billed

pytestmark = [pytest.mark.commits, pytest.mark.timeout(180)]


def _price(energy_wh: int) -> int:
    """The energy's price, worked out apart from the engine: the stay has no idle minutes worth a cent."""
    return round_half_up(Fraction(energy_wh * PRICE_PER_KWH_MINOR, 1000))


def _metered(station: SimulatedStation) -> int:
    """What the charger's own meter says about its last transaction, in Wh."""
    transaction = station.transactions[-1]
    assert transaction.end is not None
    return transaction.end.energy_wh - transaction.begin.energy_wh


async def _assert_billed_once(world: World, session_id: UUID, metered_wh: int) -> None:
    """Every book tells the same: meter, rating, ledger, receipt, capture. Idle time adds at most a cent or two."""
    books = await billed(world, session_id)
    assert books["energy_wh"] == metered_wh
    assert books["cost"] == books["captured"] == books["receipt"] == books["stripe_received"]
    assert books["ledger_processor"] == books["captured"]
    assert books["ledger_receivable"] == books["ledger_sum"] == 0
    assert books["intents"] == 1
    assert _price(metered_wh) <= books["cost"] <= _price(metered_wh) + 3
    assert len(await world.rows("select 1 from charging_sessions")) == 1
    assert len(await world.rows("select 1 from billing_documents")) == 1


async def test_kill_in_the_middle_of_a_charge(world: World, driver: Driver) -> None:
    station = world.station()
    async with station.running():
        await world.available()
        await driver.start()
        session = await world.session_in("ACTIVE")
        await world.energy_above(300)
        world.server.kill()
        await asyncio.sleep(3)
        metered_while_down = station.meter_wh(1)
        world.server.start()
        await station.wait_for(lambda s: s.online, timeout_s=30)
        active = (await driver.api.execute(ACTIVE))["activeSession"]
        assert active["state"] == "ACTIVE"
        await world.energy_above(max(metered_while_down, 900))
        await driver.stop(active["id"])
        await world.session_in("COMPLETED", timeout_s=60)
        metered = _metered(station)
    await _assert_billed_once(world, session.id, metered)


async def test_kill_between_hold_and_remote_start(world: World, driver: Driver) -> None:
    """The processor holds the money, the server dies before it learns of it: one hold, one start, one bill."""
    station = world.station()
    async with station.running():
        await world.available()
        async with world.stripe() as stripe:
            await stripe.inject(Fault(FaultKind.HANG, Phase.AFTER, path=r"/v1/payment_intents$", hang_ms=15_000))
        starting = asyncio.create_task(driver.start())
        session = await world.session_in("PENDING_PAYMENT")

        async def held() -> bool:
            async with world.stripe() as stripe:
                return len(await stripe.intents()) == 1

        await world.until("the processor holds the money", held)
        assert (await world.row("select intent_id from payments"))[0] is None
        world.server.kill()
        with pytest.raises(httpx.TransportError):
            await starting
        world.server.start()
        await world.session_in("ACTIVE", timeout_s=90)
        await world.energy_above(900)
        active = (await driver.api.execute(ACTIVE))["activeSession"]
        await driver.stop(active["id"])
        await world.session_in("COMPLETED", timeout_s=60)
        metered = _metered(station)
        assert len(station.transactions) == 1
    await _assert_billed_once(world, session.id, metered)


async def test_kill_between_capture_and_commit(world: World, driver: Driver) -> None:
    """The card is charged, the server dies before it knows: it asks again under the same key and books once."""
    station = world.station()
    async with station.running():
        await world.available()
        await driver.start()
        session = await world.session_in("ACTIVE")
        await world.energy_above(900)
        async with world.stripe() as stripe:
            await stripe.inject(Fault(FaultKind.HANG, Phase.AFTER, path=r"/capture$", hang_ms=15_000))
        active = (await driver.api.execute(ACTIVE))["activeSession"]
        await driver.stop(active["id"])

        async def captured() -> bool:
            async with world.stripe() as stripe:
                return any(intent["status"] == "succeeded" for intent in await stripe.intents())

        await world.until("the processor captured", captured, timeout_s=60)
        assert (await world.row("select state, captured_minor from payments")).captured_minor == 0
        world.server.kill()
        world.server.start()
        await world.session_in("COMPLETED", timeout_s=90)
        metered = _metered(station)
    await _assert_billed_once(world, session.id, metered)
