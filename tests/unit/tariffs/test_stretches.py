"""Meter readings and charging states become stretches whose energy sums exactly to the session's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tariffs import (
    MeterReading,
    StateChange,
    StretchState,
    TariffError,
    build_stretches,
    rate,
    simple_tariff,
)

T0 = datetime(2026, 1, 15, 10, tzinfo=UTC)
CHARGING, PARKED, SUSPENDED = StretchState.CHARGING, StretchState.PARKED, StretchState.SUSPENDED_EVSE


def after(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_start_and_end_only() -> None:
    stretches = build_stretches([], started_at=T0, ended_at=after(60), energy_wh=11_000)
    assert [(s.start, s.end, s.state, s.energy_wh) for s in stretches] == [(T0, after(60), CHARGING, 11_000)]
    assert stretches[0].min_power_w == stretches[0].max_power_w == 11_000


def test_after_the_stop_the_vehicle_is_parked_until_unplug() -> None:
    stretches = build_stretches(
        [MeterReading(after(30), 5_000)], started_at=T0, stopped_at=after(40), ended_at=after(70), energy_wh=6_000
    )
    assert [(s.start, s.end, s.state, s.energy_wh) for s in stretches] == [
        (T0, after(30), CHARGING, 5_000),
        (after(30), after(40), CHARGING, 1_000),
        (after(40), after(70), PARKED, 0),
    ]


def test_unordered_repeated_and_falling_readings() -> None:
    readings = [
        MeterReading(after(20), 2_000),
        MeterReading(after(10), 1_000),
        MeterReading(after(20), 2_500),
        MeterReading(after(30), 40),
        MeterReading(after(-5), 0),
        MeterReading(after(90), 9_999),
    ]
    stretches = build_stretches(readings, started_at=T0, ended_at=after(60), energy_wh=4_000)
    assert [(s.end, s.energy_wh) for s in stretches] == [
        (after(10), 1_000),
        (after(20), 1_500),
        (after(30), 0),
        (after(60), 1_500),
    ]


def test_energy_flows_only_while_charging() -> None:
    stretches = build_stretches(
        [MeterReading(after(30), 4_000)],
        started_at=T0,
        ended_at=after(30),
        states=[StateChange(after(10), SUSPENDED), StateChange(after(20), CHARGING), StateChange(after(25), PARKED)],
    )
    assert [(s.state, s.energy_wh) for s in stretches] == [
        (CHARGING, Fraction(8_000, 3)),
        (SUSPENDED, 0),
        (CHARGING, Fraction(4_000, 3)),
        (PARKED, 0),
    ]


def test_energy_that_flows_while_the_charger_says_suspended_is_still_charged() -> None:
    stretches = build_stretches(
        [MeterReading(after(30), 300)], started_at=T0, ended_at=after(30), states=[StateChange(T0, SUSPENDED)]
    )
    tariff = simple_tariff(
        id="T", currency="EUR", energy_per_kwh=Decimal(1), time_per_minute=Decimal(1), idle_per_minute=Decimal(1)
    )
    priced = rate(tariff, ZoneInfo("UTC"), stretches)
    assert priced.total_incl == Fraction(3, 10)


def test_a_reservation_comes_first() -> None:
    stretches = build_stretches(
        [], started_at=T0, ended_at=after(5), energy_wh=1, reserved_from=after(-15), tariff_id="T"
    )
    assert [(s.state, s.start, s.tariff_id) for s in stretches] == [
        (StretchState.RESERVED, after(-15), "T"),
        (CHARGING, T0, "T"),
    ]


def test_measured_power_is_taken_from_the_readings_around() -> None:
    readings = [MeterReading(after(10), 1_000, 7_000), MeterReading(after(20), 2_000, 3_000)]
    stretches = build_stretches(readings, started_at=T0, ended_at=after(20))
    assert [(s.min_power_w, s.max_power_w) for s in stretches] == [(7_000, 7_000), (3_000, 7_000)]


def test_impossible_instants_are_refused() -> None:
    with pytest.raises(TariffError):
        build_stretches([], started_at=after(1), ended_at=T0)
    with pytest.raises(TariffError):
        build_stretches([], started_at=T0, stopped_at=after(9), ended_at=after(8))
    with pytest.raises(TariffError):
        build_stretches([MeterReading(T0, -1)], started_at=T0, ended_at=after(8))


minutes = st.integers(-10, 130)


@given(
    readings=st.lists(st.builds(MeterReading, st.builds(after, minutes), st.integers(0, 50_000)), max_size=12),
    states=st.lists(
        st.builds(StateChange, st.builds(after, minutes), st.sampled_from([CHARGING, PARKED, SUSPENDED])), max_size=6
    ),
    stop=st.integers(0, 120),
    idle=st.integers(0, 60),
    total=st.none() | st.integers(0, 50_000),
)
def test_energy_sums_exactly_and_time_has_no_gaps(
    readings: list[MeterReading], states: list[StateChange], stop: int, idle: int, total: int | None
) -> None:
    stretches = build_stretches(
        readings,
        started_at=T0,
        stopped_at=after(stop),
        ended_at=after(stop + idle),
        energy_wh=total,
        states=states,
    )
    expected = max((reading.energy_wh for reading in readings), default=0) if total is None else total
    assert sum(Fraction(stretch.energy_wh) for stretch in stretches) == expected
    assert all(not stretch.energy_wh for stretch in stretches if stretch.state is SUSPENDED)
    position = T0
    for stretch in stretches:
        assert stretch.start == position
        position = stretch.end
    assert position == after(stop + idle)
