"""Chargers' timestamps, read leniently and never trusted blindly.

Without a zone the location's zone holds, else UTC; short offsets (`+02`) are understood. A time that cannot be
(1970, year 1, the future, over a year old) gives way to the time of receipt. The charger's own text is always kept.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

FUTURE_TOLERANCE = timedelta(seconds=60)
OLDEST = timedelta(days=400)
_TEXT_LENGTH = 64  # of meter_readings.raw_timestamp

_PATTERN = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})[Tt ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?"
    r"\s*(Z|[+-]\d{2}(?::?\d{2})?)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ChargerTime:
    """A time as used (`at`, aware UTC) and as sent (`raw`); `trusted` is false where the time of receipt stands in."""

    at: datetime
    raw: str | None
    trusted: bool


def read_time(raw: Any, *, received_at: datetime, zone: tzinfo | None = None) -> ChargerTime:
    """Read a timestamp of a charger whose location is in `zone`."""
    text = None if raw is None else str(raw)[:_TEXT_LENGTH]
    at = parse_time(text, zone) if text is not None else None
    if at is None or not received_at - OLDEST <= at <= received_at + FUTURE_TOLERANCE:
        return ChargerTime(received_at, text, trusted=False)
    return ChargerTime(at, text, trusted=True)


def parse_time(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Return the instant a text names, or None where it names none."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    second = min(int(match[6] or 0), 59)
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_zone(match[8], zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(offset: str | None, zone: tzinfo | None) -> tzinfo:
    if offset is None:
        return zone or UTC
    if offset in "zZ":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if offset[0] == "-" else size)


def write_time(at: datetime) -> str:
    """Return an instant as every OCPP version wants it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
