"""Chargers' timestamps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_bridge.translate.timestamps import parse_time, read_time, write_time

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T09:00:00Z", "2026-11-20T09:00:00.000Z"),
        ("2026-11-20T09:00:00.123456789Z", "2026-11-20T09:00:00.123Z"),
        ("2026-11-20 09:00:00,5z", "2026-11-20T09:00:00.500Z"),
        ("2026-11-20T11:00:00+02", "2026-11-20T09:00:00.000Z"),
        ("2026-11-20T11:00:00+0200", "2026-11-20T09:00:00.000Z"),
        ("2026-11-20T05:30:00-03:30", "2026-11-20T09:00:00.000Z"),
        ("2026-11-20T10:00:00", "2026-11-20T09:00:00.000Z"),
        ("2026-11-20T10:00", "2026-11-20T09:00:00.000Z"),
        (" 2026-11-20T09:00:60Z ", "2026-11-20T09:00:59.000Z"),
    ],
)
def test_forms_in_the_field_are_read(text: str, expected: str) -> None:
    time = read_time(text, received_at=NOW, zone=BERLIN)
    assert (write_time(time.at), time.raw, time.trusted) == (expected, text, True)


def test_without_a_known_zone_it_is_utc() -> None:
    assert read_time("2026-11-20T09:30:00", received_at=NOW).at == NOW - timedelta(minutes=30)


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2026-11-20T10:01:01Z",
        "2031-01-01T00:00:00Z",
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-20T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_cannot_be_gives_way_to_the_receipt(text: str) -> None:
    time = read_time(text, received_at=NOW)
    assert (time.at, time.raw, time.trusted) == (NOW, text, False)


def test_a_missing_time_is_the_receipt() -> None:
    assert read_time(None, received_at=NOW) == read_time(None, received_at=NOW, zone=BERLIN)
    assert read_time(None, received_at=NOW).raw is None
    assert read_time(20261120, received_at=NOW).raw == "20261120"


@given(st.text(), st.datetimes())
def test_no_text_raises(text: str, at: datetime) -> None:
    parse_time(text)
    assert parse_time(at.isoformat()) == at.replace(tzinfo=UTC)
