"""The bill: what an independent computation of the same readings gives, and what the running cost last said."""

import json
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, SessionRating
from app.domain.pricing.store import publish_tariff
from app.domain.stations.states import EvseStatus
from tests.factories.drivers import id_token
from tests.factories.messages import reading
from tests.factories.network import a_tariff, publish
from tests.factories.world import World


def _cents(exact: Fraction) -> int:
    return int((Decimal(exact.numerator) / Decimal(exact.denominator) * 100).quantize(Decimal(1), ROUND_HALF_UP))


async def test_the_rating_equals_an_independent_computation(world: World) -> None:
    """0.47 EUR/kWh, 0.07 EUR/min, 1.20 EUR, idle 0.13 EUR/min after 4 minutes; 21 minutes, 7,777 Wh, idle 9."""
    tariff = a_tariff(
        energy_per_kwh=Decimal("0.47"),
        time_per_minute=Decimal("0.07"),
        session_fee=Decimal("1.20"),
        idle_per_minute=Decimal("0.13"),
        idle_grace_minutes=4,
    )
    await publish(world.app, world.tenant, tariff)
    session_id, transaction_id = await world.charging(meter=123_456)
    for minute in range(1, 21):
        await world.meter(transaction_id, 123_456 + 370 * minute, after=60)
    world.clock.advance(seconds=60)
    await world.end(transaction_id, meter_stop_wh=123_456 + 7777)
    world.clock.advance(minutes=9)
    await world.report(EvseStatus.AVAILABLE)
    await world.run_jobs()
    gross = (
        Fraction(7777, 1000) * Fraction(47, 100) + 21 * Fraction(7, 100) + Fraction(120, 100) + 5 * Fraction(13, 100)
    )
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == _cents(gross)
    assert rating.vat_minor == _cents(gross * Fraction(19, 119))
    assert rating.net_minor == rating.gross_minor - rating.vat_minor
    assert rating.exact_gross == Decimal(gross.numerator) / Decimal(gross.denominator)
    assert sum(line["gross"] for line in rating.detail["lines"]) == rating.gross_minor
    assert sum(row["vat"] for row in rating.detail["vat"]) == rating.vat_minor


@pytest.mark.parametrize("seconds", [7, 60, 301])
async def test_the_running_cost_at_the_last_reading_is_the_bill(world: World, seconds: int) -> None:
    await publish(world.app, world.tenant, a_tariff(time_per_minute=Decimal("0.11"), idle_per_minute=None))
    session_id, transaction_id = await world.charging(meter=0)
    for register in (77, 150, 391):
        await world.meter(transaction_id, register, after=seconds)
    running = await world.session(session_id)
    await world.end(transaction_id, meter_stop_wh=391, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert (rating.gross_minor, rating.net_minor) == (running.cost_gross_minor, running.cost_net_minor)
    final = await world.session(session_id)
    assert (final.cost_gross_minor, final.cost_net_minor) == (rating.gross_minor, rating.net_minor)


async def test_a_session_with_a_minimum_price_and_no_energy_costs_nothing(world: World) -> None:
    await publish(world.app, world.tenant, a_tariff(session_fee=Decimal(2), min_price=Decimal(5)))
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 0)
    assert (await world.session(session_id)).cost_gross_minor == 0
    await world.end(transaction_id, meter_stop_wh=0, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert (rating.gross_minor, rating.vat_minor) == (0, 0)


async def test_the_maximum_price_holds(world: World) -> None:
    await publish(world.app, world.tenant, a_tariff(max_price=Decimal(3)))
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(minutes=30)
    await world.end(transaction_id, meter_stop_wh=20_000, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 300


async def test_the_night_price_follows_the_locations_clock(world: World) -> None:
    """A tariff of two elements: 0.30 EUR/kWh from 22:00 to 06:00 local time, else 0.60."""
    content = json.loads(json.dumps(a_tariff(energy_per_kwh=Decimal("0.60"), idle_per_minute=None).to_json()))
    (element,) = content["elements"]
    night = json.loads(json.dumps(element))
    night["price_components"][0]["price"] = "0.30"
    night["restrictions"] = {"start_time": "22:00", "end_time": "06:00"}
    content["elements"] = [night, element]
    async with world.app.unit_of_work(world.tenant.id) as uow:
        await publish_tariff(uow, name="Night", content=content, is_default=True)
    midnight = (world.clock.now() + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    world.clock.current = midnight  # 01:00 or 02:00 in Berlin
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(minutes=10)
    await world.end(transaction_id, meter_stop_wh=1000, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 30


async def test_a_free_card_session_with_parking_still_costs_nothing(world: World) -> None:
    await id_token(world.app, world.tenant, "STAFF", free_of_charge=True)
    opened = await world.open(id_token="staff", meter_start_wh=0)
    world.clock.advance(minutes=10)
    await world.end(opened.transaction_id, meter_stop_wh=1000)
    (session,) = await world.rows(ChargingSession)
    assert session.state is SessionState.SETTLING
    await world.run_jobs()
    assert [row.gross_minor for row in await world.rows(SessionRating)] == [0]


async def test_energy_is_never_above_the_register_however_the_readings_fall(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=100)
    at = world.clock.advance(minutes=5)
    registers = (400, 350, 900, 901, 100_000, 950)
    items = [reading(at + timedelta(seconds=30 * index), register) for index, register in enumerate(registers)]
    await world.read(*items, transaction_id=transaction_id)
    world.clock.advance(minutes=5)
    await world.end(transaction_id, meter_stop_wh=1000, unplugged=True)
    session = await world.session(session_id)
    assert session.energy_wh == (400 - 100) + (1000 - 350)
    assert await world.incidents() == ["IMPLAUSIBLE_METER", "METER_FELL"]
