"""Readings: none is lost, none is counted twice, none that cannot be true is billed."""

import random
from datetime import timedelta

import pytest

from app.domain.charging.states import SessionState
from app.domain.charging.tables import MeterReading
from tests.factories.messages import reading
from tests.factories.world import World


async def _billed(world: World, session_id: object) -> int:
    await world.run_jobs()
    rating = await world.rating(session_id)  # type: ignore[arg-type]
    assert rating is not None
    return rating.gross_minor


@pytest.mark.parametrize("transaction_id", [None, "0", "77777"])
async def test_readings_without_or_with_a_wrong_id_join_by_evse_and_time(
    world: World, transaction_id: str | None
) -> None:
    session_id, _ = await world.charging(meter=0)
    at = world.clock.advance(seconds=60)
    await world.read(reading(at, 500), transaction_id=transaction_id)
    assert (await world.session(session_id)).energy_wh == 500
    (row,) = await world.rows(MeterReading)
    assert (row.session_id, row.transaction_id, row.energy_wh) == (session_id, transaction_id, 500)


async def test_readings_that_fit_no_session_are_kept_unassigned(world: World) -> None:
    session_id, _ = await world.charging(meter=0)
    before = world.clock.now() - timedelta(seconds=30)
    await world.read(reading(before, 400))
    at = world.clock.advance(seconds=60)
    await world.read(reading(at, 900), evse_no=2)
    await world.read(reading(at, 5), evse_no=None)
    await world.read(reading(at, 6), evse_no=0, transaction_id="12")
    assert {row.session_id for row in await world.rows(MeterReading)} == {None}
    assert len(await world.rows(MeterReading)) == 4
    assert (await world.session(session_id)).energy_wh == 0


async def test_readings_of_a_transaction_of_another_charger_stay_away_from_it(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    other = await world.another_charger()
    at = world.clock.advance(seconds=60)
    await world.read(reading(at, 700), transaction_id=transaction_id, charger=other.ref)
    assert (await world.session(session_id)).energy_wh == 0
    (row,) = await world.rows(MeterReading)
    assert (row.session_id, row.charger_id) == (None, other.charger_id)


async def test_a_reading_that_comes_again_is_stored_once_and_moves_nothing(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    at = world.clock.advance(seconds=60)
    for _ in range(3):
        await world.read(reading(at, 500), transaction_id=transaction_id)
    session = await world.session(session_id)
    assert (session.energy_wh, len(await world.rows(MeterReading))) == (500, 1)
    progress = [event for event in await world.events(session_id) if event.type == "session.progress"]
    assert len(progress) == 1


async def test_readings_in_any_order_bill_the_same(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    start = world.clock.now()
    readings = [reading(start + timedelta(minutes=n), n * 400) for n in range(1, 13)]
    random.Random(7).shuffle(readings)
    world.clock.advance(minutes=13)
    for item in readings:
        await world.read(item, transaction_id=transaction_id)
    await world.end(transaction_id, meter_stop_wh=5000, unplugged=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.suspect, session.energy_estimated) == (5000, False, False)
    rows = {row.taken_at: row.energy_wh for row in await world.rows(MeterReading)}
    assert rows == {start + timedelta(minutes=n): n * 400 for n in range(1, 13)}
    assert await _billed(world, session_id) == 295


async def test_an_older_reading_does_not_turn_back_what_is_shown(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    older = world.clock.advance(seconds=60)
    await world.meter(transaction_id, 900, power_w=40_000, soc=50)
    await world.read(reading(older, 450, power_w=11_000, soc=40), transaction_id=transaction_id)
    session = await world.session(session_id)
    assert (session.energy_wh, session.power_w, session.soc_percent) == (900, 40_000, 50)


async def test_a_message_without_energy_does_not_reset_the_total(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 500)
    at = world.clock.advance(seconds=60)
    await world.read(reading(at, power_w=30_000, soc=61), transaction_id=transaction_id)
    session = await world.session(session_id)
    assert (session.energy_wh, session.cost_gross_minor, session.soc_percent) == (500, 30, 61)


async def test_a_falling_register_begins_a_new_segment_and_is_flagged(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=10_000)
    await world.meter(transaction_id, 10_600)
    await world.meter(transaction_id, 0)
    await world.meter(transaction_id, 500)
    assert (await world.session(session_id)).energy_wh == 1100
    assert await world.incidents() == ["METER_FELL"]
    world.clock.advance(seconds=60)
    await world.end(transaction_id, meter_stop_wh=900, unplugged=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.suspect) == (1500, False)
    assert await _billed(world, session_id) == 89


async def test_a_spike_is_kept_but_neither_shown_nor_billed(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=1000)
    await world.meter(transaction_id, 1500)
    await world.meter(transaction_id, 910_000)
    session = await world.session(session_id)
    assert (session.energy_wh, session.cost_gross_minor) == (500, 30)
    assert await world.incidents() == ["IMPLAUSIBLE_METER"]
    await world.meter(transaction_id, 2500)
    assert (await world.session(session_id)).energy_wh == 1500
    world.clock.advance(seconds=10)
    await world.end(transaction_id, meter_stop_wh=2600, unplugged=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.suspect) == (1600, False)
    assert await _billed(world, session_id) == 94


@pytest.mark.parametrize("readings_before", [0, 1])
async def test_one_zero_in_a_lifetime_register_is_recovered_from(world: World, readings_before: int) -> None:
    session_id, transaction_id = await world.charging(meter=910_000)
    for _ in range(readings_before):
        await world.meter(transaction_id, 910_400)
    await world.meter(transaction_id, 0)
    await world.meter(transaction_id, 911_000)
    assert (await world.session(session_id)).energy_wh == 1000
    assert await world.incidents() == ["METER_FELL"]
    world.clock.advance(seconds=30)
    await world.end(transaction_id, meter_stop_wh=911_200, unplugged=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.suspect) == (1200, False)
    assert await _billed(world, session_id) == 71


async def test_coarse_steps_are_billed_and_flagged(world: World) -> None:
    """A charger that reports several kWh at once is believed; an operator is told to look."""
    session_id, transaction_id = await world.charging(meter=1000)
    await world.meter(transaction_id, 6000, after=1)
    assert (await world.session(session_id)).energy_wh == 5000
    world.clock.advance(seconds=1)
    await world.end(transaction_id, meter_stop_wh=11_000, unplugged=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.suspect) == (10_000, False)
    assert await _billed(world, session_id) == 590
    assert await world.incidents() == ["IMPLAUSIBLE_METER"]


async def test_an_implausible_baseline_is_reviewed_never_billed(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    for register in (910_050, 910_083):
        await world.meter(transaction_id, register)
    world.clock.advance(seconds=60)
    await world.end(transaction_id, meter_stop_wh=910_083, unplugged=True)
    await world.run_jobs()
    session = await world.session(session_id)
    assert (session.state, session.suspect, session.cost_gross_minor) == (SessionState.REVIEW, True, 0)
    assert await world.rating(session_id) is None
    assert world.payments.calls["settle"] == 0
    assert "IMPLAUSIBLE_METER" in await world.incidents()


async def test_what_the_bridge_could_not_read_with_certainty_never_bills(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=1000)
    at = world.clock.advance(seconds=60)
    await world.read(reading(at, 1400, suspect_reason="unit unknown"), transaction_id=transaction_id)
    assert (await world.session(session_id)).energy_wh == 0
    await world.meter(transaction_id, 1300)
    end = reading(world.clock.advance(seconds=30), 1700, context="Transaction.End", suspect_reason="unit unknown")
    await world.end(transaction_id, readings=(end,), unplugged=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.energy_estimated) == (300, True)
    doubtful = [row for row in await world.rows(MeterReading) if row.suspect_reason]
    assert [(row.suspect_reason, row.energy_wh) for row in doubtful] == [("unit unknown", None)] * 2


async def test_late_readings_join_the_ended_session_as_evidence_only(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    inside = world.clock.advance(seconds=60)
    after = world.clock.advance(seconds=60)
    await world.end(transaction_id, at=inside + timedelta(seconds=30), meter_stop_wh=800, unplugged=True)
    await world.read(reading(inside, 400), reading(after, 1200), transaction_id=transaction_id)
    assert await _billed(world, session_id) == 47
    await world.read(reading(after + timedelta(seconds=1), 1300), transaction_id=transaction_id)
    session = await world.session(session_id)
    assert (session.state, session.energy_wh) == (SessionState.COMPLETED, 800)
    rows = await world.rows(MeterReading)
    assert [row.session_id for row in rows] == [session_id] * 3
    assert {row.energy_wh for row in rows} == {None}


async def test_without_a_register_at_the_start_the_first_reading_is_the_baseline(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    token = (await world.session(session_id)).start_token
    opened = await world.open(id_token=token, meter_start_wh=None)
    await world.meter(opened.transaction_id, 70_000)
    await world.meter(opened.transaction_id, 70_500)
    session = await world.session(session_id)
    assert (session.meter_start_wh, session.energy_wh) == (70_000, 500)


async def test_a_stop_with_no_known_baseline_is_reviewed(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    token = (await world.session(session_id)).start_token
    opened = await world.open(id_token=token, meter_start_wh=None)
    world.clock.advance(seconds=60)
    await world.end(opened.transaction_id, meter_stop_wh=80_000, unplugged=True)
    await world.run_jobs()
    session = await world.session(session_id)
    assert (session.state, session.energy_wh, session.suspect) == (SessionState.REVIEW, 0, True)


async def test_a_session_without_energy_costs_nothing(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=500)
    world.clock.advance(hours=2)
    await world.end(transaction_id, meter_stop_wh=500, unplugged=True)
    assert await _billed(world, session_id) == 0
    assert (await world.session(session_id)).energy_estimated is False
