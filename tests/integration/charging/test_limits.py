"""A session stops itself: at the driver's limits, and before its cost could pass the hold."""

from datetime import timedelta
from decimal import Decimal

from app.domain.charging.commands import RemoteStop
from app.domain.charging.states import SessionState, StopReason
from tests.factories.network import a_tariff, publish
from tests.factories.world import World


async def _reason(world: World, session_id: object) -> StopReason | None:
    return (await world.session(session_id)).stop_requested_reason  # type: ignore[arg-type]


async def test_energy(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0, max_energy_wh=1000)
    await world.meter(transaction_id, 999, after=120)
    assert await _reason(world, session_id) is None
    await world.meter(transaction_id, 1000)
    assert await _reason(world, session_id) is StopReason.LIMIT_ENERGY
    await world.run_jobs()
    (command,) = world.gateway.commands(RemoteStop)
    assert command.transaction_id == transaction_id
    await world.meter(transaction_id, 1100)
    await world.run_jobs()
    await world.end(transaction_id, meter_stop_wh=1120, reason=StopReason.REMOTE, unplugged=True)
    assert (await world.session(session_id)).stop_reason is StopReason.LIMIT_ENERGY


async def test_state_of_charge(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0, max_soc=80)
    await world.meter(transaction_id, 500, soc=79)
    assert await _reason(world, session_id) is None
    await world.meter(transaction_id, 900, soc=80)
    assert await _reason(world, session_id) is StopReason.LIMIT_SOC


async def test_time_is_watched_without_any_reading(world: World) -> None:
    session_id, _ = await world.charging(meter=0, max_duration_seconds=1800)
    await world.reconcile(after=1799)
    assert await _reason(world, session_id) is None
    await world.reconcile(after=1)
    assert await _reason(world, session_id) is StopReason.LIMIT_TIME
    assert len(world.gateway.commands(RemoteStop)) == 1


async def test_cost_stops_with_room_for_what_still_flows(world: World) -> None:
    """50 kW for 60 s is 833 Wh, 0.49 EUR: a limit of 5 EUR stops at the first reading whose cost passes 4.51 EUR."""
    session_id, transaction_id = await world.charging(meter=0, max_cost_minor=500)
    await world.meter(transaction_id, 7600, after=600)
    assert (await world.session(session_id)).cost_gross_minor == 448
    assert await _reason(world, session_id) is None
    await world.meter(transaction_id, 7700, after=10)
    session = await world.session(session_id)
    assert (session.cost_gross_minor, session.stop_requested_reason) == (454, StopReason.LIMIT_COST)


async def test_the_hold_is_a_limit_too(world: World) -> None:
    await publish(world.app, world.tenant, a_tariff(preauthorize_amount=Decimal(10)))
    session_id, transaction_id = await world.charging(meter=0)
    assert (await world.session(session_id)).hold_minor == 1000
    await world.meter(transaction_id, 16_000, after=1200)
    assert await _reason(world, session_id) is None
    await world.meter(transaction_id, 16_200, after=15)
    session = await world.session(session_id)
    assert session.stop_requested_reason is StopReason.HOLD_REACHED
    assert session.cost_gross_minor is not None
    assert session.cost_gross_minor + 49 <= 1005


async def test_a_limit_below_the_margin_stops_at_once_and_is_still_billed_right(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0, max_cost_minor=40)
    assert await _reason(world, session_id) is StopReason.LIMIT_COST
    world.clock.advance(seconds=20)
    await world.end(transaction_id, meter_stop_wh=150, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 9


async def test_a_charger_whose_clock_runs_ahead_does_not_break_the_limits(world: World) -> None:
    session_id = await world.start(max_cost_minor=500)
    await world.run_jobs()
    token = (await world.session(session_id)).start_token
    ahead = world.clock.now() + timedelta(seconds=50)
    opened = await world.open(at=ahead, id_token=token)
    assert opened.session_id == session_id
    await world.meter(opened.transaction_id, 300, after=10)
    assert await world.state(session_id) is SessionState.ACTIVE
    assert await _reason(world, session_id) is None
