"""Between two instants of a clock grid no clock condition changes, whatever the zone does to its clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.tariffs import DayOfWeek, Restrictions, Stretch, StretchState
from app.domain.tariffs.cut import FOREVER, ClockGrid, from_us, to_us
from app.domain.tariffs.restrictions import Conditions, Moment

CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 3, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 14, 12, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 3, 12, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, 20, tzinfo=UTC)),
]
quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@pytest.mark.parametrize(("zone", "start"), CHANGES)
@given(start_time=st.none() | quarters, end_time=st.none() | quarters, days=st.lists(st.sampled_from(list(DayOfWeek))))
@settings(max_examples=20, deadline=None)
def test_the_grid_misses_no_change(
    zone: str, start: datetime, start_time: time | None, end_time: time | None, days: list[DayOfWeek]
) -> None:
    time_zone = ZoneInfo(zone)
    restrictions = Restrictions(start_time=start_time, end_time=end_time, day_of_week=tuple(days))
    conditions = Conditions(restrictions, equal_times_are_whole_day=True)
    grid = ClockGrid(time_zone, frozenset(conditions.wall_minutes()))

    def matches(moment: datetime) -> bool:
        stretch = Stretch(moment, moment, StretchState.CHARGING)
        return conditions.match(Moment(moment.astimezone(time_zone), 0, 0, stretch))

    bound = grid.next_after(to_us(start))
    moment, before = start, matches(start)
    while moment < start + timedelta(days=2):
        moment += timedelta(minutes=5)
        crossed = to_us(moment) >= bound
        while to_us(moment) >= bound:
            bound = grid.next_after(bound)
        now = matches(moment)
        assert now == before or crossed
        before = now


def test_a_tariff_without_clock_conditions_is_never_cut() -> None:
    assert ClockGrid(ZoneInfo("Europe/Berlin"), frozenset()).next_after(0) == FOREVER


def test_the_clock_change_itself_is_on_the_grid() -> None:
    grid = ClockGrid(ZoneInfo("Europe/Berlin"), frozenset({12 * 60}))
    first = grid.next_after(to_us(datetime(2026, 3, 28, 12, tzinfo=UTC)))
    assert from_us(first) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert from_us(grid.next_after(first)) == datetime(2026, 3, 29, 10, tzinfo=UTC)
