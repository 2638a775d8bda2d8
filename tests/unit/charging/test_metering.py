"""Session energy from registers: never negative, never more than could have flowed, the same in whatever order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.charging.metering import (
    COARSE_SESSION_WH,
    COARSE_STEP_WH,
    IMPLAUSIBLE,
    MeteredEnergy,
    RegisterReading,
    SegmentMeter,
    fold,
    plausible_wh,
)

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
POWER_W = 50_000


def _at(seconds: int, register_wh: int) -> RegisterReading:
    return RegisterReading(START + timedelta(seconds=seconds), register_wh)


@st.composite
def _readings(draw: st.DrawFn) -> list[RegisterReading]:
    times = draw(st.lists(st.integers(0, 20_000), max_size=25, unique=True))
    return [_at(seconds, draw(st.integers(0, 2_000_000))) for seconds in times]


@given(_readings(), st.integers(0, 2_000_000), st.sampled_from([None, 3_700, POWER_W, 350_000]))
def test_energy_never_falls_and_never_exceeds_what_could_have_flowed(
    readings: list[RegisterReading], first: int, power: int | None
) -> None:
    metered, total = fold(_at(0, first), readings, power)
    energies = [0, *(item.energy_wh for item in metered), total]
    assert all(before <= after for before, after in pairwise(energies))
    times = [START, *sorted(reading.taken_at for reading in readings)]
    accepted = [START] + [item.taken_at for item in metered if item.suspect_reason is None]
    limit = sum(plausible_wh(int((b - a).total_seconds()), power) for a, b in pairwise(accepted))
    assert total <= limit + COARSE_SESSION_WH
    assert total <= limit or any(item.doubt for item in metered)
    assert [item.taken_at for item in metered] == times[1:]


@given(_readings(), st.integers(0, 2_000_000), st.randoms(use_true_random=False))
def test_the_order_in_which_readings_come_does_not_matter(
    readings: list[RegisterReading], first: int, random: object
) -> None:
    shuffled = readings.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(_at(0, first), shuffled, POWER_W) == fold(_at(0, first), readings, POWER_W)


@given(_readings(), st.integers(0, 2_000_000))
def test_one_by_one_gives_what_all_at_once_gives(readings: list[RegisterReading], first: int) -> None:
    """What a session stores between two messages is enough to go on; only a coarse step may yet be taken back."""
    last, energy = _at(0, first), 0
    single: list[MeteredEnergy] = []
    before_fall: RegisterReading | None = None
    for reading in sorted(readings, key=lambda item: item.taken_at):
        meter = SegmentMeter(POWER_W, last, energy, before_fall)
        single.append(meter.add(reading))
        last, energy, before_fall = meter.last, meter.energy_wh, meter.before_fall
    assume(not any(item.doubt for item in single))
    assert (single, energy) == fold(_at(0, first), readings, POWER_W)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40), st.integers(0, 10**9))
def test_a_rising_register_is_taken_to_the_watt_hour(steps: list[int], first: int) -> None:
    readings, register = [], first
    for index, step in enumerate(steps, start=1):
        register += step
        readings.append(_at(30 * index, register))
    metered, total = fold(_at(0, first), readings, POWER_W)
    assert total == sum(steps) == register - first
    assert not any(item.fell or item.suspect_reason for item in metered)


@given(st.data())
def test_one_spike_anywhere_is_not_believed_and_costs_nothing(data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(1, 400), min_size=2, max_size=20))
    honest = [_at(30 * index, sum(steps[:index])) for index in range(1, len(steps) + 1)]
    where = data.draw(st.integers(0, len(honest) - 2))
    spike = data.draw(st.integers(200_000, 10**9))
    spiked = honest.copy()
    spiked[where] = RegisterReading(honest[where].taken_at, spike)
    metered, total = fold(_at(0, 0), spiked, POWER_W)
    assert (metered[where].suspect_reason or "").startswith(IMPLAUSIBLE)
    assert total == sum(steps)


def test_a_fall_begins_a_new_segment() -> None:
    metered, total = fold(_at(0, 1000), [_at(60, 1500), _at(120, 20), _at(180, 320)], POWER_W)
    assert [(item.energy_wh, item.fell) for item in metered] == [(500, False), (500, True), (800, False)]
    assert total == 800


@given(st.data())
def test_one_zero_anywhere_costs_nothing_and_loses_nothing(data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(1, 400), min_size=2, max_size=20))
    first = data.draw(st.integers(100_000, 10**9))
    honest = [_at(30 * index, first + sum(steps[:index])) for index in range(1, len(steps) + 1)]
    where = data.draw(st.integers(0, len(honest) - 2))
    glitched = honest.copy()
    glitched[where] = RegisterReading(honest[where].taken_at, 0)
    metered, total = fold(_at(0, first), glitched, POWER_W)
    assert metered[where].fell
    assert total == sum(steps)
    assert not any(item.suspect_reason for item in metered)


def test_an_offline_begin_of_zero_is_never_believed() -> None:
    """The register stood at 910 kWh: nothing in a session's time can deliver that."""
    _, total = fold(_at(0, 0), [_at(60 * minute, 910_000 + minute * 10) for minute in range(1, 9)], POWER_W)
    assert total == 0


@pytest.mark.parametrize(
    ("seconds", "power", "expected"),
    [(0, 50_000, 500), (3600, 50_000, 60_500), (36, 50_000, 1100), (3600, None, 600_500), (-60, 50_000, 500)],
)
def test_what_is_plausible(seconds: int, power: int | None, expected: int) -> None:
    assert plausible_wh(seconds, power) == expected


def test_the_edge_of_the_plausible_is_believed_and_one_more_is_in_doubt() -> None:
    meter = SegmentMeter(POWER_W, _at(0, 0))
    assert meter.add(_at(36, 1100)).doubt is None
    assert meter.add(_at(72, 1100 + 1101)).doubt is not None
    assert meter.energy_wh == 1100 + 1101


@pytest.mark.parametrize(("step", "believed"), [(COARSE_STEP_WH, True), (COARSE_STEP_WH + 1, False)])
def test_a_coarse_step_is_believed_up_to_what_a_car_takes_at_once(step: int, believed: bool) -> None:
    metered, total = fold(_at(0, 1000), [_at(1, 1000 + step)], POWER_W)
    assert total == (step if believed else 0)
    assert (metered[0].doubt is not None) is believed
    assert (metered[0].suspect_reason is None) is believed


def test_coarse_steps_end_at_a_cars_battery() -> None:
    metered, total = fold(_at(0, 0), [_at(index, index * COARSE_STEP_WH) for index in range(1, 9)], POWER_W)
    assert total == COARSE_SESSION_WH
    assert metered[-1].suspect_reason is not None


def test_a_coarse_step_that_is_taken_back_was_a_spike() -> None:
    metered, total = fold(_at(0, 0), [_at(60, 500), _at(120, 15_000), _at(180, 1000)], POWER_W)
    assert metered[1].suspect_reason is not None
    assert total == 1000


def test_a_low_reading_on_a_small_register_is_not_counted_again() -> None:
    _, total = fold(_at(0, 5000), [_at(60, 5400), _at(61, 0), _at(62, 5500)], POWER_W)
    assert total == 500
