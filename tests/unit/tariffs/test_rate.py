"""The engine's own rules: clock changes, idle grace, reservations, thresholds, policies, refusals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.tariffs import (
    Context,
    Dimension,
    IdleGrace,
    PricedSession,
    RatingPolicy,
    Stretch,
    StretchState,
    TariffError,
    parse_tariff,
    rate,
    simple_tariff,
)

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")
T0 = datetime(2026, 1, 15, 10, tzinfo=UTC)
CHARGING, PARKED = StretchState.CHARGING, StretchState.PARKED
SUSPENDED, RESERVED = StretchState.SUSPENDED_EVSE, StretchState.RESERVED


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def session(*parts: tuple[StretchState, int, int], start: datetime = T0) -> list[Stretch]:
    """Return stretches of (state, minutes, Wh) one after the other."""
    stretches: list[Stretch] = []
    for state, minutes, energy in parts:
        end = start + timedelta(minutes=minutes)
        stretches.append(Stretch(start, end, state, energy))
        start = end
    return stretches


def element(kind: str, price: str | int, step: int = 1, **restrictions: Any) -> dict[str, Any]:
    component = {"type": kind, "price": price, "step_size": step}
    return {"price_components": [component], "restrictions": restrictions}


def priced(elements: list[dict[str, Any]], stretches: list[Stretch], zone: ZoneInfo = UTC_ZONE) -> PricedSession:
    return rate(parse_tariff({"id": "T", "currency": "EUR", "elements": elements}), zone, stretches)


def test_a_window_bound_in_the_skipped_hour_takes_effect_after_the_jump() -> None:
    # 29 March 2026, 02:00 -> 03:00 in Berlin, at 01:00 UTC.
    elements = [element("TIME", 60, start_time="02:30", end_time="04:00"), element("TIME", 6)]
    result = priced(elements, [Stretch(at("2026-03-29T00:30Z"), at("2026-03-29T02:30Z"), CHARGING)], BERLIN)
    assert [(line.start, line.end, line.element_index) for line in result.lines] == [
        (at("2026-03-29T00:30Z"), at("2026-03-29T01:00Z"), 1),
        (at("2026-03-29T01:00Z"), at("2026-03-29T02:00Z"), 0),
        (at("2026-03-29T02:00Z"), at("2026-03-29T02:30Z"), 1),
    ]
    assert result.total_incl == 3 + 60 + 3


def test_a_window_in_the_repeated_hour_applies_twice() -> None:
    elements = [element("TIME", 60, start_time="02:15", end_time="02:45"), element("TIME", 6)]
    result = priced(elements, [Stretch(at("2026-10-25T00:00Z"), at("2026-10-25T02:00Z"), CHARGING)], BERLIN)
    assert [line.start.strftime("%H:%M") for line in result.lines if line.element_index == 0] == ["00:15", "01:15"]
    assert result.total_incl == 60 + 6


def test_elapsed_time_is_not_the_wall_clock() -> None:
    elements = [element("TIME", 6, max_duration=7200), element("TIME", 60)]
    result = priced(elements, [Stretch(at("2026-10-25T00:00Z"), at("2026-10-25T03:00Z"), CHARGING)], BERLIN)
    assert [line.quantity for line in result.lines] == [7200, 3600]


def test_a_tier_is_cut_at_an_exact_fraction_of_time() -> None:
    elements = [element("ENERGY", 1, max_kwh=1), element("ENERGY", 2), element("TIME", 3600, step=0, max_kwh=1)]
    result = priced(elements, session((CHARGING, 1, 3_000)))
    assert [(line.dimension, line.quantity) for line in result.lines] == [
        (Dimension.ENERGY, Fraction(1_000)),
        (Dimension.TIME, Fraction(20)),
        (Dimension.ENERGY, Fraction(2_000)),
    ]
    assert result.total_incl == 1 + 20 + 4
    assert result.unpriced == {Dimension.TIME: Fraction(40)}


def test_energy_at_one_instant_crosses_a_tier() -> None:
    elements = [element("ENERGY", 1, max_kwh=1), element("ENERGY", 2)]
    result = priced(elements, [Stretch(T0, T0, CHARGING, 3_000)])
    assert result.total_incl == 5


def idle_tariff(grace_minutes: int) -> Any:
    return simple_tariff(
        id="T",
        currency="EUR",
        idle_per_minute=Decimal("0.1"),
        idle_grace_minutes=grace_minutes,
        energy_per_kwh=Decimal(0),
    )


def test_idle_grace_is_free_and_the_rest_is_exact() -> None:
    result = rate(idle_tariff(15), UTC_ZONE, session((CHARGING, 30, 9_000), (PARKED, 10, 0), (PARKED, 20, 0)))
    assert result.total_incl == Fraction("1.5")
    assert result.idle_grace_s == 900
    (fee,) = [line for line in result.lines if line.dimension is Dimension.PARKING_TIME]
    assert (fee.start, fee.quantity) == (T0 + timedelta(minutes=45), Fraction(900))
    assert Dimension.PARKING_TIME not in result.unpriced


@pytest.mark.parametrize(("grace", "fee"), [(IdleGrace.PER_IDLE_PERIOD, "1"), (IdleGrace.PER_SESSION, "2.5")])
def test_when_the_grace_begins_anew(grace: IdleGrace, fee: str) -> None:
    stretches = session((CHARGING, 5, 1), (PARKED, 20, 0), (CHARGING, 5, 1), (PARKED, 20, 0))
    result = rate(idle_tariff(15), UTC_ZONE, stretches, RatingPolicy(idle_grace=grace))
    assert result.total_incl == Fraction(fee)


def test_no_fee_and_no_grace_runs_while_the_charger_withholds_power() -> None:
    stretches = session((CHARGING, 5, 1), (PARKED, 10, 0), (SUSPENDED, 600, 0), (PARKED, 10, 0))
    result = rate(idle_tariff(15), UTC_ZONE, stretches)
    assert result.total_incl == Fraction("0.5")
    assert result.idle_grace_s == 900


def test_periods_have_grace_too() -> None:
    stretches = session((CHARGING, 5, 1), (PARKED, 20, 0))
    assert rate(idle_tariff(15), UTC_ZONE, stretches, cut=False).total_incl == Fraction("0.5")


def test_energy_that_flows_while_parked_is_priced() -> None:
    elements = [element("ENERGY", 1), element("PARKING_TIME", 6)]
    assert priced(elements, session((CHARGING, 10, 2_000), (PARKED, 10, 500))).total_incl == Fraction("3.5")


def test_withheld_power_starts_no_flat_fee_and_prices_nothing() -> None:
    elements = [element("FLAT", 2), element("ENERGY", 1), element("TIME", 1)]
    result = priced(elements, session((SUSPENDED, 10, 100)))
    assert result.total_incl == 0
    assert not result.lines
    assert result.unpriced == {Dimension.ENERGY: Fraction(100)}


def test_a_line_is_one_uninterrupted_stretch_of_time() -> None:
    result = priced(
        [element("TIME", 6)], session((CHARGING, 5, 0), (CHARGING, 5, 0), (SUSPENDED, 9, 0), (CHARGING, 1, 0))
    )
    assert [(line.start, line.end) for line in result.lines] == [
        (T0, T0 + timedelta(minutes=10)),
        (T0 + timedelta(minutes=19), T0 + timedelta(minutes=20)),
    ]


def test_reservation_and_session_each_have_their_flat_fee_and_their_steps() -> None:
    elements = [
        element("FLAT", 3, reservation="RESERVATION"),
        element("TIME", 6, 600, reservation="RESERVATION"),
        element("FLAT", 1),
        element("TIME", 60, 900),
    ]
    result = priced(elements, session((RESERVED, 11, 0), (CHARGING, 16, 5_000)))
    assert [(line.context, line.dimension, line.billed) for line in result.lines] == [
        (Context.RESERVATION, Dimension.FLAT, Fraction(1)),
        (Context.RESERVATION, Dimension.TIME, Fraction(1200)),
        (Context.SESSION, Dimension.FLAT, Fraction(1)),
        (Context.SESSION, Dimension.TIME, Fraction(1800)),
    ]
    assert result.total_incl == 3 + 2 + 1 + 30
    assert result.costs.reservation.incl == 5


def test_limits_may_cover_the_reservation_by_policy() -> None:
    tariff = parse_tariff(
        {
            "id": "T",
            "currency": "EUR",
            "max_price": {"excl_vat": 5},
            "elements": [element("TIME", 6, reservation="RESERVATION"), element("ENERGY", 1)],
        }
    )
    stretches = session((RESERVED, 60, 0), (CHARGING, 60, 10_000))
    assert rate(tariff, UTC_ZONE, stretches).total_excl == 11
    assert rate(tariff, UTC_ZONE, stretches, RatingPolicy(limits_cover_reservation=True)).total_excl == 5


def test_equal_times_are_the_whole_day_or_nothing_by_policy() -> None:
    tariff = parse_tariff(
        {"id": "T", "currency": "EUR", "elements": [element("ENERGY", 1, start_time="08:00", end_time="08:00")]}
    )
    assert rate(tariff, UTC_ZONE, session((CHARGING, 60, 1_000))).total_incl == 1
    policy = RatingPolicy(equal_times_are_whole_day=False)
    assert rate(tariff, UTC_ZONE, session((CHARGING, 60, 1_000)), policy).total_incl == 0


def test_a_session_over_many_days_keeps_its_windows() -> None:
    elements = [element("TIME", 24, start_time="23:00", end_time="01:00"), element("TIME", 1)]
    result = priced(elements, session((CHARGING, 10 * 24 * 60, 0)), BERLIN)
    assert result.total_incl == 10 * (2 * 24 + 22)
    assert len(result.lines) == 21


def test_the_tariff_of_the_session_start_sets_the_limits() -> None:
    cheap = parse_tariff({"id": "A", "currency": "EUR", "elements": [element("ENERGY", 1)]})
    capped = parse_tariff(
        {"id": "B", "currency": "EUR", "max_price": {"excl_vat": 3}, "elements": [element("ENERGY", 1)]}
    )
    first, second = session((CHARGING, 10, 5_000), (CHARGING, 10, 5_000))
    stretches = [
        Stretch(first.start, first.end, CHARGING, 5_000, tariff_id="B"),
        Stretch(second.start, second.end, CHARGING, 5_000, tariff_id="A"),
    ]
    assert rate([cheap, capped], UTC_ZONE, stretches).total_excl == 3


def test_nothing_at_all_costs_nothing() -> None:
    result = priced([element("FLAT", 5)], [])
    assert result.total_excl == result.total_incl == 0
    assert not result.lines
    assert not result.unpriced


def test_input_that_contradicts_itself_is_refused() -> None:
    tariff = simple_tariff(id="T", currency="EUR", energy_per_kwh=Decimal(1))
    yen = simple_tariff(id="Y", currency="JPY", energy_per_kwh=Decimal(1))
    overlapping = [*session((CHARGING, 10, 1)), *session((CHARGING, 10, 1))]
    with pytest.raises(TariffError):
        rate([], UTC_ZONE, [])
    with pytest.raises(TariffError):
        rate([tariff, yen], UTC_ZONE, [])
    with pytest.raises(TariffError):
        rate(tariff, UTC_ZONE, overlapping)
    with pytest.raises(TariffError):
        rate(tariff, UTC_ZONE, [Stretch(T0, T0, CHARGING, 1, tariff_id="?")])
    with pytest.raises(TariffError):
        Stretch(T0, T0 - timedelta(seconds=1), CHARGING)
    with pytest.raises(TariffError):
        Stretch(T0, T0, CHARGING, -1)
    with pytest.raises(TariffError):
        Stretch(T0.replace(tzinfo=None), T0.replace(tzinfo=None), CHARGING)
