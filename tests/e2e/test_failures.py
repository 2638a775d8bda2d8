"""What goes wrong between a driver and a charger, with real processes: a typed answer, and the hold given back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest

from app.server.demo.client import RefusedError
from tests.e2e.conftest import run_server
from tests.e2e.processes import ServerProcess
from tests.e2e.world import Driver, World, billed, open_world, sign_up

pytestmark = [pytest.mark.commits, pytest.mark.timeout(180)]

_SHORT = {"VOLTLANE_COMMAND_TIMEOUT_SECONDS": "3", "VOLTLANE_CONNECTION_TIMEOUT_SECONDS": "5"}


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """One server for all failures, with short deadlines; each test has a charger and a driver of its own."""
    with ExitStack() as stack:
        yield stack.enter_context(run_server(_SHORT))


@pytest.fixture(params=["1.6", "2.0.1"])
async def world(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A charger of each OCPP version in turn."""
    opened = await open_world(server, request.param)
    yield opened
    await opened.database.dispose()


async def _assert_released(world: World, session_id: UUID) -> None:
    """The hold was given back, nothing was taken, nothing was booked."""

    async def released() -> bool:
        found = await world.rows("select state from payments where session_id = :id", id=session_id)
        return bool(found) and found[0].state == "RELEASED"

    await world.until("the hold is released", released, timeout_s=60)
    async with world.stripe() as stripe:
        mine = [i for i in await stripe.intents() if i["metadata"].get("session") == str(session_id)]
    assert [(intent["status"], intent["amount_received"]) for intent in mine] == [("canceled", 0)]
    assert await world.rows("select 1 from ledger_transactions where session_id = :id", id=session_id) == []


async def test_an_offline_charger_is_told_before_any_hold(world: World, driver: Driver) -> None:
    with pytest.raises(RefusedError) as refusal:
        await driver.start()
    assert refusal.value.code == "CHARGER_OFFLINE"
    assert await world.rows("select 1 from charging_sessions where evse_id = :id", id=world.network.evse) == []


async def test_a_rejecting_charger_releases_the_hold(world: World, driver: Driver) -> None:
    station = world.station(reject_remote_start=True)
    async with station.running():
        await world.available()
        await driver.start()
        session = await world.session_in("FAILED")
        assert session.failure == "CHARGER_REJECTED"
        await _assert_released(world, session.id)


async def test_a_silent_charger_is_uncertain_then_released_and_a_late_start_is_billed(
    world: World, driver: Driver
) -> None:
    # Given up 3 s + (5 + 30) s after it was asked; the charger begins after that.
    station = world.station(never_answer_remote_start=True, start_after_s=45)
    async with station.running():
        await world.available()
        started = await driver.start()
        uncertain = await world.session_in("START_UNCERTAIN", timeout_s=60)
        held = await world.row("select state from payments where session_id = :id", id=uncertain.id)
        assert held.state == "AUTHORISED"  # silence is not refusal
        session = await world.session_in("FAILED", timeout_s=90)
        assert session.failure == "CHARGER_DID_NOT_START"
        await _assert_released(world, session.id)
        active = await world.session_in("ACTIVE", timeout_s=60)
        assert active.id == session.id
        await world.energy_above(900)
        await driver.stop(started["session"]["id"])
        await world.session_in("COMPLETED", timeout_s=60)
        books = await billed(world, session.id)
        assert books["cost"] == books["captured"] == books["receipt"] == books["stripe_received"] > 0
        assert books["ledger_sum"] == books["ledger_receivable"] == 0
        late = "select 1 from incidents where kind = 'LATE_START' and session_id = :id"
        assert len(await world.rows(late, id=session.id)) == 1


async def test_a_declined_card_is_told_and_nothing_is_held(world: World) -> None:
    station = world.station()
    async with station.running():
        await world.available()
        driver = await sign_up(world, card="pm_card_chargeCustomerFail")
        async with driver.api:
            answer = await driver.start()
        assert answer["session"]["failure"]["code"] == "CARD_DECLINED"
        session = await world.session_in("FAILED")
        payment = await world.row("select state from payments where session_id = :id", id=session.id)
        assert payment.state == "FAILED"


async def test_a_stop_while_the_charger_is_offline_is_pending_and_sent_later(world: World, driver: Driver) -> None:
    station = world.station()
    async with station.running():
        await world.available()
        started = await driver.start()
        session = await world.session_in("ACTIVE")
        await world.energy_above(900)
        await station.drop_connection(6)
        await asyncio.sleep(1)
        answer = await driver.stop(started["session"]["id"])
        assert answer["session"]["stopPending"] is True
        await world.session_in("COMPLETED", timeout_s=60)
        books = await billed(world, session.id)
        assert books["cost"] == books["captured"] == books["stripe_received"]
        assert books["ledger_receivable"] == 0


async def test_fifty_starts_with_one_key_are_one_session_and_one_hold(world: World, driver: Driver) -> None:
    station = world.station(reject_remote_start=True)
    async with station.running():
        await world.available()
        answers = await asyncio.gather(*(driver.start(idempotencyKey="the-same") for _ in range(50)))
        assert len({answer["session"]["id"] for answer in answers}) == 1
        session = await world.session_in("FAILED")
        await _assert_released(world, session.id)
        count = "select count(*) from charging_sessions where charger_id = :charger"
        assert (await world.row(count, charger=world.network.charger_id))[0] == 1
