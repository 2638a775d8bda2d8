"""After the energy: who blocks the place pays the idle fee, to the unplug and never beyond what is known."""

from decimal import Decimal

import pytest

from app.domain.charging.states import ChargingState, SessionState
from app.domain.charging.tables import SessionPhase
from app.domain.stations.connection import mark_disconnected
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger
from tests.factories.drivers import id_token
from tests.factories.network import a_tariff, publish
from tests.factories.world import World


async def _gross(world: World, session_id: object) -> int:
    await world.run_jobs()
    rating = await world.rating(session_id)  # type: ignore[arg-type]
    assert rating is not None
    return rating.gross_minor


async def _charged(world: World, wh: int = 1000) -> tuple[object, str]:
    """Charge for ten minutes, from register 0."""
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(minutes=10)
    await world.end(transaction_id, meter_stop_wh=wh)
    return session_id, transaction_id


async def test_the_idle_fee_runs_to_the_unplug(world: World) -> None:
    session_id, _ = await _charged(world)
    stopped = world.clock.now()
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert (session.state, session.energy_ended_at, session.ended_at) == (SessionState.PARKING, stopped, None)
    assert await world.run_jobs() == []
    await world.report(EvseStatus.OCCUPIED, ocpp_status="Finishing")
    unplugged = world.clock.advance(minutes=7)
    await world.report(EvseStatus.AVAILABLE)
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert (session.state, session.ended_at) == (SessionState.SETTLING, unplugged)
    assert await _gross(world, session_id) == 59 + 70


async def test_without_an_idle_fee_the_session_is_settled_at_its_stop(world: World) -> None:
    await publish(world.app, world.tenant, a_tariff(idle_per_minute=None))
    session_id, _ = await _charged(world)
    assert await world.state(session_id) is SessionState.SETTLING  # type: ignore[arg-type]


async def test_grace_time_is_free(world: World) -> None:
    await publish(world.app, world.tenant, a_tariff(idle_grace_minutes=5))
    session_id, _ = await _charged(world)
    world.clock.advance(minutes=7)
    await world.report(EvseStatus.AVAILABLE)
    assert await _gross(world, session_id) == 59 + 20


async def test_parking_has_a_cap(world: World) -> None:
    session_id, _ = await _charged(world)
    stopped = world.clock.now()
    await world.reconcile(after=12 * 3600 - 1)
    assert await world.state(session_id) is SessionState.PARKING  # type: ignore[arg-type]
    await world.reconcile(after=2)
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert session.state is SessionState.COMPLETED
    assert session.ended_at is not None
    assert (session.ended_at - stopped).total_seconds() == 12 * 3600
    assert await _gross(world, session_id) == 59 + 7200


async def test_a_charger_that_fell_silent_ends_parking_with_the_energy(world: World) -> None:
    session_id, _ = await _charged(world)
    world.clock.advance(minutes=2)
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, world.net.charger_id)
        await mark_disconnected(uow, world.clock, charger.id, generation=charger.generation)
    await world.reconcile(after=5 * 60)
    assert await world.state(session_id) is SessionState.PARKING  # type: ignore[arg-type]
    await world.reconcile(after=5 * 60)
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert (session.state, session.ended_at) == (SessionState.COMPLETED, session.energy_ended_at)
    assert await _gross(world, session_id) == 59


async def test_an_unplug_told_before_the_stop_ends_the_session_with_the_stop(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(minutes=10)
    await world.report(EvseStatus.AVAILABLE)
    world.clock.advance(seconds=3)
    await world.end(transaction_id, meter_stop_wh=1000)
    session = await world.session(session_id)
    assert (session.state, session.ended_at) == (SessionState.SETTLING, world.clock.now())
    assert await _gross(world, session_id) == 59


async def test_an_unplug_before_the_stops_own_time_never_ends_before_the_energy(world: World) -> None:
    session_id, _ = await _charged(world)
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert session.energy_ended_at is not None
    evse_time = session.energy_ended_at.replace(second=0)
    await world.report(EvseStatus.AVAILABLE, at=evse_time)
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert (session.state, session.ended_at) == (SessionState.SETTLING, session.energy_ended_at)


@pytest.mark.parametrize(
    ("state", "minutes_charged"), [(ChargingState.SUSPENDED_EVSE, 0), (ChargingState.SUSPENDED_EV, 20)]
)
async def test_idle_is_paid_where_the_car_asks_for_nothing_and_not_where_the_charger_withholds(
    world: World, state: ChargingState, minutes_charged: int
) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 1000, after=600)
    await world.report(EvseStatus.CHARGING, charging_state=state)
    assert (await world.session(session_id)).power_w == 0
    await world.meter(transaction_id, 1000, after=1200)
    await world.end(transaction_id, meter_stop_wh=1000, unplugged=True)
    assert [row.charging_state for row in await world.rows(SessionPhase)] == [ChargingState.CHARGING, state]
    assert await _gross(world, session_id) == 59 + minutes_charged * 10


async def test_charging_time_is_not_counted_while_the_charger_withholds_power(world: World) -> None:
    prices = {"time_per_minute": Decimal("0.50"), "energy_per_kwh": None, "idle_per_minute": None}
    await publish(world.app, world.tenant, a_tariff(**prices))
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 1000, after=600)
    await world.report(EvseStatus.FAULTED, error_code="OverCurrentFailure")
    await world.meter(transaction_id, 1000, after=1800)
    await world.report(EvseStatus.CHARGING, charging_state=ChargingState.CHARGING)
    await world.meter(transaction_id, 2000, after=600)
    await world.end(transaction_id, meter_stop_wh=2000, unplugged=True)
    assert await _gross(world, session_id) == 1000


async def test_an_offline_end_owes_no_parking(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    stopped = world.clock.advance(minutes=10)
    world.clock.advance(hours=3)
    await world.end(transaction_id, at=stopped, meter_stop_wh=1000, offline=True)
    session = await world.session(session_id)
    assert (session.state, session.ended_at) == (SessionState.SETTLING, stopped)
    assert await _gross(world, session_id) == 59


async def test_the_next_charge_ends_the_parking_of_the_last_one(world: World) -> None:
    session_id, _ = await _charged(world)
    world.clock.advance(minutes=30)
    opened = await world.open(id_token="UNKNOWN")
    assert await world.state(session_id) is SessionState.PARKING, opened  # type: ignore[arg-type]
    await id_token(world.app, world.tenant, "CARD", driver_id=await world.new_driver())
    world.clock.advance(seconds=1)
    await world.open(id_token="CARD")
    assert await world.state(session_id) is SessionState.SETTLING  # type: ignore[arg-type]
    assert await _gross(world, session_id) == 59
