"""A car that stays after its charge while the transaction goes on (2.0.1 TxStopPoint), and the fee the driver sees."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.charging.states import ChargingState, SessionState, StopReason
from app.domain.charging.tables import SessionPhase
from app.domain.stations.connection import mark_disconnected
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger
from tests.factories.messages import reading
from tests.factories.network import a_tariff, publish
from tests.factories.world import World

TX = "4f6d1c0e-7d3a-4f1e-9a54-1e2b3c4d5e6f"


async def _charging(world: World) -> UUID:
    """Charge 1 kWh in ten minutes on a 2.0.1 charger whose transaction ends at the unplug."""
    session_id = await world.start()
    await world.run_jobs()
    number = (await world.session(session_id)).remote_start_id
    await world.open(transaction_id=TX, remote_start_id=number, meter_start_wh=0)
    await world.run_jobs()
    world.clock.advance(minutes=10)
    await world.update(TX, charging_state=ChargingState.CHARGING, readings=(reading(world.clock.now(), 1000),))
    return session_id


async def _unplugged_after(world: World, minutes: int) -> None:
    world.clock.advance(minutes=minutes)
    await world.end(TX, meter_stop_wh=1000, unplugged=True)


async def _billed(world: World, session_id: UUID) -> int:
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    session = await world.session(session_id)
    assert (session.state, session.cost_gross_minor) == (SessionState.COMPLETED, rating.gross_minor)
    return rating.gross_minor


@pytest.mark.parametrize(("ended", "idle_minutes"), [(True, 7), (False, 0)])
async def test_connected_costs_the_idle_fee_only_once_the_authorisation_has_ended(
    world: World, ended: bool, idle_minutes: int
) -> None:
    session_id = await _charging(world)
    stopped = world.clock.now()
    await world.update(TX, charging_state=ChargingState.EV_CONNECTED, authorisation_ended=ended)
    session = await world.session(session_id)
    assert (session.state, session.authorisation_ended_at) == (SessionState.ACTIVE, stopped if ended else None)
    await _unplugged_after(world, 7)
    phases = [row.charging_state for row in await world.rows(SessionPhase)]
    assert phases == [ChargingState.CHARGING, ChargingState.EV_CONNECTED]
    assert await _billed(world, session_id) == 59 + idle_minutes * 10


async def test_a_stop_asked_for_in_the_app_ends_the_authorisation_too(world: World) -> None:
    session_id = await _charging(world)
    await world.stop(session_id)
    await world.run_jobs()
    world.clock.advance(minutes=1)
    await world.update(TX, charging_state=ChargingState.EV_CONNECTED)
    await _unplugged_after(world, 5)
    assert (await world.session(session_id)).stop_reason is StopReason.DRIVER
    assert await _billed(world, session_id) == 59 + 5 * 10


async def test_a_car_that_was_connected_before_the_stop_blocks_from_the_stop_on(world: World) -> None:
    """The charger withholds for four minutes, then the driver stops and stays for three."""
    session_id = await _charging(world)
    await world.update(TX, charging_state=ChargingState.EV_CONNECTED)
    world.clock.advance(minutes=4)
    await world.update(TX, charging_state=ChargingState.EV_CONNECTED, authorisation_ended=True)
    assert len(await world.rows(SessionPhase)) == 2
    await _unplugged_after(world, 3)
    assert await _billed(world, session_id) == 59 + 3 * 10


async def test_connected_before_energy_flows_and_a_fault_after_the_stop_cost_nothing(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    number = (await world.session(session_id)).remote_start_id
    await world.open(transaction_id=TX, remote_start_id=number, meter_start_wh=0)
    await world.update(TX, charging_state=ChargingState.EV_CONNECTED)
    world.clock.advance(minutes=15)
    await world.update(TX, charging_state=ChargingState.CHARGING, readings=(reading(world.clock.now(), 0),))
    world.clock.advance(minutes=10)
    await world.update(TX, readings=(reading(world.clock.now(), 1000),))
    await world.update(TX, charging_state=ChargingState.SUSPENDED_EVSE, authorisation_ended=True)
    await _unplugged_after(world, 30)
    assert await _billed(world, session_id) == 59


async def test_the_first_end_of_the_authorisation_counts_however_the_messages_come(world: World) -> None:
    session_id = await _charging(world)
    first = world.clock.now()
    later = world.clock.advance(minutes=2)
    await world.update(TX, at=later, authorisation_ended=True)
    await world.update(TX, at=first, authorisation_ended=True)
    await world.update(TX, at=later, authorisation_ended=True)
    assert (await world.session(session_id)).authorisation_ended_at == first


async def _shown(world: World, session_id: UUID) -> tuple[int | None, int]:
    session = await world.session(session_id)
    return session.cost_gross_minor, len(await world.events(session_id))


async def test_the_idle_fee_grows_before_the_drivers_eyes_while_the_car_parks(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(minutes=10)
    await world.end(transaction_id, meter_stop_wh=1000)
    cost, events = await _shown(world, session_id)
    assert cost == 59
    await world.reconcile()
    assert await _shown(world, session_id) == (59, events), "nothing changed, nothing is told"
    await world.reconcile(after=59)
    assert await _shown(world, session_id) == (59, events), "at most once a minute"
    await world.reconcile(after=1)
    assert await _shown(world, session_id) == (69, events + 1)
    await world.reconcile(after=180)
    assert await _shown(world, session_id) == (99, events + 2)
    assert (await world.events(session_id))[-1].type == "session.progress"
    assert (await world.events(session_id))[-1].payload["costGrossMinor"] == 99
    world.clock.advance(minutes=1)
    await world.report(EvseStatus.AVAILABLE)
    assert await _billed(world, session_id) == 59 + 5 * 10


@pytest.mark.parametrize("told", [{"charging_state": ChargingState.SUSPENDED_EV}, {"charging_state": "connected"}])
async def test_the_idle_fee_grows_in_an_active_session_without_readings(world: World, told: dict[str, Any]) -> None:
    session_id = await _charging(world)
    if told["charging_state"] == "connected":
        told = {"charging_state": ChargingState.EV_CONNECTED, "authorisation_ended": True}
    await world.update(TX, **told)
    _, events = await _shown(world, session_id)
    await world.reconcile(after=120)
    assert await _shown(world, session_id) == (59 + 20, events + 1)
    await world.reconcile(after=30)
    assert await _shown(world, session_id) == (59 + 20, events + 1)
    await _unplugged_after(world, 1)
    assert await _billed(world, session_id) == 59 + 35


async def test_an_energy_phase_is_left_to_its_readings(world: World) -> None:
    await publish(world.app, world.tenant, a_tariff(time_per_minute=1))
    session_id = await _charging(world)
    before = await _shown(world, session_id)
    await world.reconcile(after=600)
    assert await _shown(world, session_id) == before


async def test_the_shown_fee_stands_still_while_the_charger_is_offline(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(minutes=10)
    await world.end(transaction_id, meter_stop_wh=1000)
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, world.net.charger_id)
        await mark_disconnected(uow, world.clock, charger.id, generation=charger.generation)
    before = await _shown(world, session_id)
    await world.reconcile(after=300)
    assert await _shown(world, session_id) == before


async def test_an_idle_fee_that_reaches_the_drivers_limit_asks_for_the_stop(world: World) -> None:
    session_id = await world.start(max_cost_minor=200)
    await world.run_jobs()
    number = (await world.session(session_id)).remote_start_id
    await world.open(transaction_id=TX, remote_start_id=number, meter_start_wh=0)
    await world.update(TX, charging_state=ChargingState.SUSPENDED_EV)
    world.clock.advance(seconds=1)
    await world.update(TX, readings=(reading(world.clock.now(), 100),))
    assert (await world.session(session_id)).stop_requested_at is None
    await world.reconcile(after=int(timedelta(minutes=20).total_seconds()))
    assert (await world.session(session_id)).stop_requested_reason is StopReason.LIMIT_COST
