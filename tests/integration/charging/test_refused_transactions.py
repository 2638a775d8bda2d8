"""Transactions that nobody may pay for: quiet where nothing flowed, an operator's where it did, never open for ever."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.charging.states import Authorization, SessionState, StopReason
from app.domain.charging.tables import ChargingSession, Incident, MeterReading
from app.domain.stations.connection import mark_connected
from app.domain.stations.states import OcppVersion
from tests.factories.drivers import id_token
from tests.factories.messages import reading, started
from tests.factories.world import World

CARD = "04A2B3C4D5"
DAY = 24 * 3600


async def _refused(world: World, meter: int | None = 5000) -> tuple[UUID, str]:
    opened = await world.open(id_token="UNKNOWN", meter_start_wh=meter)
    assert opened.authorization is Authorization.INVALID
    assert opened.session_id is not None
    return opened.session_id, opened.transaction_id


async def _open_incidents(world: World) -> list[str]:
    return sorted(row.kind.value for row in await world.rows(Incident) if row.resolved_at is None)


@pytest.mark.parametrize("register", [5000, None])
async def test_a_refused_swipe_without_energy_leaves_nothing_to_decide(world: World, register: int | None) -> None:
    session_id, transaction_id = await _refused(world)
    assert await _open_incidents(world) == ["UNKNOWN_TRANSACTION"]
    world.clock.advance(seconds=20)
    await world.end(transaction_id, meter_stop_wh=register)
    await world.run_jobs()
    session = await world.session(session_id)
    assert (session.state, session.energy_wh, session.cost_gross_minor) == (SessionState.COMPLETED, 0, 0)
    assert (session.driver_id, session.refused_as) == (None, Authorization.INVALID)
    assert await world.rating(session_id) is None
    assert world.payments.calls["settle"] == 0
    (incident,) = await world.rows(Incident)
    assert (incident.resolved_at, incident.resolution) == (world.clock.now(), "no energy flowed")


@pytest.mark.parametrize(
    ("register", "power", "stop"),
    [(None, None, 5100), (5100, None, None), (None, 3000, 5000), (None, None, 4000), (900_000, None, 5000)],
)
async def test_whatever_hints_at_energy_is_reviewed(
    world: World, register: int | None, power: int | None, stop: int | None
) -> None:
    """A higher stop, a higher reading, a reading with power, a register that fell, one that cannot be true."""
    session_id, transaction_id = await _refused(world)
    at = world.clock.advance(seconds=60)
    await world.read(reading(at, register, power_w=power), transaction_id=transaction_id)
    world.clock.advance(seconds=60)
    await world.end(transaction_id, meter_stop_wh=stop)
    await world.run_jobs()
    assert await world.state(session_id) is SessionState.REVIEW
    assert "UNKNOWN_TRANSACTION" in await _open_incidents(world)
    assert world.payments.calls["settle"] == 0


async def test_a_refused_transaction_whose_stop_never_comes_ends_after_a_connected_day(world: World) -> None:
    session_id, _ = await _refused(world)
    await world.reconcile(after=DAY - 1)
    assert await world.state(session_id) is SessionState.ACTIVE
    await world.reconcile(after=1)
    session = await world.session(session_id)
    assert (session.state, session.stop_reason) == (SessionState.COMPLETED, StopReason.STOP_LOST)
    assert await _open_incidents(world) == []


async def test_one_with_energy_whose_stop_never_comes_is_reviewed(world: World) -> None:
    session_id, transaction_id = await _refused(world)
    world.clock.advance(minutes=10)
    last = world.clock.now()
    await world.read(reading(last, 6000), transaction_id=transaction_id)
    await world.reconcile(after=DAY - 1)
    assert await world.state(session_id) is SessionState.ACTIVE, "a reading is a word about it"
    await world.reconcile(after=1)
    session = await world.session(session_id)
    assert (session.state, session.energy_wh, session.ended_at) == (SessionState.REVIEW, 1000, last)
    assert (session.energy_estimated, session.stop_reason) == (True, StopReason.STOP_LOST)
    assert "STOP_LOST" in await _open_incidents(world)


async def test_readings_that_name_no_transaction_hint_at_energy_where_the_stop_is_lost(world: World) -> None:
    session_id, _ = await _refused(world)
    at = world.clock.advance(minutes=15)
    await world.read(reading(at, 8000, context="Sample.Clock"))
    assert [row.session_id for row in await world.rows(MeterReading)] == [None]
    await world.reconcile(after=DAY)
    assert await world.state(session_id) is SessionState.REVIEW


async def test_an_update_is_a_word_about_a_transaction(world: World) -> None:
    opened = await world.open(transaction_id="TX-1", id_token="UNKNOWN", meter_start_wh=0)
    assert opened.session_id is not None
    spoken = world.clock.advance(hours=20)
    await world.update("TX-1", seq_no=1)
    assert (await world.session(opened.session_id)).last_heard_at == spoken
    await world.reconcile(after=5 * 3600)
    assert await world.state(opened.session_id) is SessionState.ACTIVE


async def test_a_charger_that_has_just_come_back_may_still_tell_the_stop(world: World) -> None:
    session_id, _ = await _refused(world)
    world.clock.advance(days=3)
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        await mark_connected(uow, world.clock, world.net.charger_id, node="node-1", version=OcppVersion.V16)
    await world.reconcile(after=DAY - 1)
    assert await world.state(session_id) is SessionState.ACTIVE
    await world.reconcile(after=1)
    assert await world.state(session_id) is SessionState.COMPLETED


async def test_a_queued_charge_whose_stop_never_comes_is_billed_from_its_last_reading(world: World) -> None:
    past = world.clock.now() - timedelta(hours=2)
    running_id, _ = await world.charging(meter=9000)
    await id_token(world.app, world.tenant, CARD, driver_id=await world.new_driver())
    world.clock.advance(seconds=60)
    opened = await world.open_as(started(past, id_token=CARD, meter_start_wh=1000))
    assert opened.session_id is not None
    await world.read(reading(past + timedelta(minutes=10), 3000), transaction_id=opened.transaction_id)
    await world.run_jobs()
    await world.reconcile(after=DAY + 60)
    queued = await world.session(opened.session_id)
    assert (queued.historical, queued.state, queued.energy_wh) == (True, SessionState.COMPLETED, 2000)
    assert (queued.stop_reason, queued.energy_estimated) == (StopReason.STOP_LOST, True)
    rating = await world.rating(queued.id)
    assert rating is not None
    assert rating.gross_minor == 118
    assert await world.state(running_id) is SessionState.ACTIVE, "the EVSE's own session is not forgotten so soon"
    assert len(await world.rows(ChargingSession)) == 2
