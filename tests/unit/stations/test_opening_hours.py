"""Opening hours: wall-clock weeks, clock changes, exceptions and their rank."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stations.opening_hours import (
    ExceptionalPeriod,
    OpeningHours,
    RegularPeriod,
    is_open,
    next_change,
    parse_begin,
    parse_end,
)

BERLIN = "Europe/Berlin"


def _utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


WORKDAYS = OpeningHours(regular=tuple(RegularPeriod(day, time(8), time(18)) for day in range(1, 6)))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (_utc(11, 20, 6, 59), False),  # Friday 07:59 in Berlin
        (_utc(11, 20, 7), True),
        (_utc(11, 20, 16, 59), True),
        (_utc(11, 20, 17), False),  # the end is excluded
        (_utc(11, 21, 10), False),  # Saturday
        (_utc(7, 3, 6), True),  # Friday 08:00 in summer
    ],
)
def test_regular_hours_are_wall_clock_hours_of_the_site(at: datetime, expected: bool) -> None:
    assert is_open(WORKDAYS, BERLIN, at) is expected


def test_the_site_s_zone_decides_not_the_caller_s() -> None:
    at = _utc(11, 20, 7)
    assert is_open(WORKDAYS, BERLIN, at) is True
    assert is_open(WORKDAYS, "Indian/Reunion", at) is True  # 11:00
    assert is_open(WORKDAYS, "America/Martinique", at) is False  # 03:00


def test_unknown_hours_are_unknown() -> None:
    assert is_open(None, BERLIN, _utc(11, 20, 10)) is None
    assert next_change(None, BERLIN, _utc(11, 20, 10)) is None


def test_known_hours_without_a_period_are_closed() -> None:
    assert is_open(OpeningHours(), BERLIN, _utc(11, 20, 10)) is False


def test_midnight_ends_the_day() -> None:
    hours = OpeningHours(regular=(RegularPeriod(5, time(22), time(0)),))
    assert is_open(hours, BERLIN, _utc(11, 20, 22, 59)) is True
    assert is_open(hours, BERLIN, _utc(11, 20, 23)) is False
    assert next_change(hours, BERLIN, _utc(11, 20, 22)) == _utc(11, 20, 23)


def test_a_closing_outranks_an_opening_which_outranks_the_week() -> None:
    saturday = ExceptionalPeriod(_utc(11, 21, 8), _utc(11, 21, 14))
    lunch = ExceptionalPeriod(_utc(11, 21, 11), _utc(11, 21, 12))
    hours = OpeningHours(regular=WORKDAYS.regular, exceptional_openings=(saturday,), exceptional_closings=(lunch,))
    assert [is_open(hours, BERLIN, _utc(11, 21, h)) for h in (7, 8, 11, 12, 14)] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_a_closing_closes_a_site_that_never_closes() -> None:
    hours = OpeningHours(
        twentyfourseven=True, exceptional_closings=(ExceptionalPeriod(_utc(12, 24, 12), _utc(12, 27, 5)),)
    )
    assert next_change(hours, BERLIN, _utc(11, 20, 10)) == _utc(12, 24, 12)
    assert next_change(hours, BERLIN, _utc(12, 25, 0)) == _utc(12, 27, 5)
    assert next_change(hours, BERLIN, _utc(12, 27, 5)) is None


def test_the_week_resumes_after_a_long_closing() -> None:
    closed = ExceptionalPeriod(_utc(11, 1, 0), _utc(12, 12, 0))  # ends on a Saturday
    hours = OpeningHours(regular=WORKDAYS.regular, exceptional_closings=(closed,))
    assert next_change(hours, BERLIN, _utc(11, 20, 10)) == _utc(12, 14, 7)


def test_a_period_over_the_end_of_summer_time_is_an_hour_longer() -> None:
    hours = OpeningHours(regular=(RegularPeriod(7, time(1), time(4)),))  # Sunday, 25 October 2026
    assert is_open(hours, BERLIN, datetime(2026, 10, 24, 23, 0, tzinfo=UTC)) is True
    assert next_change(hours, BERLIN, datetime(2026, 10, 24, 23, 0, tzinfo=UTC)) == _utc(10, 25, 3)


def test_a_period_that_begins_in_the_skipped_hour_begins_after_it() -> None:
    hours = OpeningHours(regular=(RegularPeriod(7, time(2, 30), time(5)),))  # Sunday, 29 March 2026
    assert is_open(hours, BERLIN, _utc(3, 29, 1, 29)) is False
    assert is_open(hours, BERLIN, _utc(3, 29, 1, 30)) is True


def test_always_open_by_the_week_never_changes() -> None:
    hours = OpeningHours(regular=tuple(RegularPeriod(day, time(0), time(0)) for day in range(1, 8)))
    assert is_open(hours, BERLIN, _utc(11, 20, 23, 30)) is True
    assert next_change(hours, BERLIN, _utc(11, 20, 10)) is None


periods = st.tuples(st.integers(1, 7), st.integers(0, 22), st.integers(1, 24)).filter(lambda p: p[1] < p[2])


@given(
    st.lists(periods, max_size=6),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)
def test_the_next_change_is_the_first_change(week: list[tuple[int, int, int]], at: datetime) -> None:
    hours = OpeningHours(regular=tuple(RegularPeriod(d, time(b), time(e % 24)) for d, b, e in week))
    change = next_change(hours, BERLIN, at)
    now_open = is_open(hours, BERLIN, at)
    step, end = timedelta(minutes=30), (change or at + timedelta(days=8))
    probes = [at + n * step for n in range(int((end - at) / step))]
    assert all(is_open(hours, BERLIN, probe) is now_open for probe in probes)
    if change is not None:
        assert is_open(hours, BERLIN, change) is (not now_open)
        assert is_open(hours, BERLIN, change - timedelta(microseconds=1)) is now_open


def test_json_round_trip_in_ocpi_shape() -> None:
    document = {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "20:00"}],
        "exceptional_openings": [{"period_begin": "2026-12-24T08:00:00Z", "period_end": "2026-12-24T12:00:00Z"}],
        "exceptional_closings": [{"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-27T00:00:00Z"}],
    }
    assert OpeningHours.from_json(document).to_json() == document


@pytest.mark.parametrize(
    "document",
    [
        {"regular_hours": [{"weekday": 8, "period_begin": "08:00", "period_end": "20:00"}]},
        {"regular_hours": [{"weekday": 1, "period_begin": "20:00", "period_end": "08:00"}]},
        {"regular_hours": [{"weekday": 1, "period_begin": "25:00", "period_end": "26:00"}]},
        {"regular_hours": [{"weekday": 1, "period_begin": "soon", "period_end": "later"}]},
        {"exceptional_closings": [{"period_begin": "2026-12-27", "period_end": "2026-12-25"}]},
    ],
)
def test_malformed_hours_are_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        OpeningHours.from_json(document)


def test_the_last_minute_of_a_day_as_an_end_means_midnight() -> None:
    assert parse_end("23:59") == parse_end("24:00") == parse_end("23:59:00") == time(0)
    assert parse_begin("23:59") == time(23, 59)
