"""Opening hours in the OCPI shape (2.2.1, 8.4.14 Hours) and the question whether a site is open.

Hours are wall-clock times of the site's own zone. Each period is turned into an interval of instants, so a
day with a clock change is as long as it is. Exceptional closings outrank exceptional openings, which
outrank the regular hours. Unknown hours are never "open".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

_LAST_WEEKDAY = 7
_REGULAR_HORIZON_DAYS = 8

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class RegularPeriod:
    """Opening on one weekday (1 Monday to 7 Sunday); an end of 00:00 is midnight at the day's end."""

    weekday: int
    begin: time
    end: time

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= _LAST_WEEKDAY:
            raise ValueError(f"weekday {self.weekday} is not between 1 and 7")
        if self.end != time(0) and self.end <= self.begin:
            raise ValueError(f"period ends at {self.end} before it begins at {self.begin}")


@dataclass(frozen=True, slots=True, order=True)
class ExceptionalPeriod:
    """An opening or closing between two instants (aware UTC), `end` excluded."""

    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.begin.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an exceptional period needs an offset or UTC")
        if self.end <= self.begin:
            raise ValueError(f"exceptional period ends at {self.end} before it begins at {self.begin}")


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a site can be used; an instance is a known statement, unknown hours are None instead."""

    twentyfourseven: bool = False
    regular: tuple[RegularPeriod, ...] = ()
    exceptional_openings: tuple[ExceptionalPeriod, ...] = ()
    exceptional_closings: tuple[ExceptionalPeriod, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the OCPI Hours object, with sorted lists so that equal hours give equal JSON."""
        document: dict[str, Any] = {"twentyfourseven": self.twentyfourseven}
        if self.regular:
            document["regular_hours"] = [
                {
                    "weekday": period.weekday,
                    "period_begin": period.begin.strftime("%H:%M"),
                    "period_end": period.end.strftime("%H:%M"),
                }
                for period in sorted(self.regular)
            ]
        for key, periods in (
            ("exceptional_openings", self.exceptional_openings),
            ("exceptional_closings", self.exceptional_closings),
        ):
            if periods:
                document[key] = [
                    {"period_begin": _instant_text(p.begin), "period_end": _instant_text(p.end)}
                    for p in sorted(periods)
                ]
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read an OCPI Hours object. Raises ValueError for a malformed one."""
        return cls(
            twentyfourseven=document.get("twentyfourseven") is True,
            regular=tuple(
                RegularPeriod(int(p["weekday"]), parse_begin(p["period_begin"]), parse_end(p["period_end"]))
                for p in document.get("regular_hours") or ()
            ),
            exceptional_openings=_exceptional(document.get("exceptional_openings") or ()),
            exceptional_closings=_exceptional(document.get("exceptional_closings") or ()),
        )


def parse_begin(text: str) -> time:
    """Parse `HH:MM` or `HH:MM:SS` to the minute. Raises ValueError for anything else."""
    hour, minute = _hour_and_minute(text)
    return time(hour, minute)


def parse_end(text: str) -> time:
    """Parse the end of a period: like `parse_begin`, but 24:00 and 23:59 mean midnight and become 00:00.

    Registers write "all day" as 00:00 to 23:59; taken to the letter it would close a site for a minute each
    night.
    """
    hour, minute = _hour_and_minute(text)
    return time(0) if (hour, minute) in {(24, 0), (23, 59)} else time(hour, minute)


def _hour_and_minute(text: str) -> tuple[int, int]:
    parts = text.strip().split(":")
    if len(parts) not in {2, 3} or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(f"{text!r} is not a time of day")
    return int(parts[0]), int(parts[1])


def is_open(hours: OpeningHours | None, tz: str, at: datetime) -> bool | None:
    """Say whether a site in time zone `tz` is open at the aware instant `at`; None when its hours are
    unknown.
    """
    if hours is None:
        return None
    if _within(hours.exceptional_closings, at):
        return False
    if hours.twentyfourseven or _within(hours.exceptional_openings, at):
        return True
    today = at.astimezone(ZoneInfo(tz)).date()
    days = (today - timedelta(days=1), today)
    return any(begin <= at < end for begin, end in _regular_intervals(hours, ZoneInfo(tz), days))


def next_change(hours: OpeningHours | None, tz: str, at: datetime) -> datetime | None:
    """Return the first instant (UTC) after `at` when the answer of `is_open` changes, None when it never
    does.
    """
    if hours is None:
        return None
    now_open = is_open(hours, tz, at)
    for instant in sorted(_boundaries(hours, ZoneInfo(tz), at)):
        if instant > at and is_open(hours, tz, instant) != now_open:
            return instant
    return None


def _boundaries(hours: OpeningHours, tz: ZoneInfo, at: datetime) -> set[datetime]:
    """Collect every instant at which the answer may change.

    The regular week repeats, but a closing may cover it for long: the week after each exceptional period
    counts too.
    """
    exceptional = (*hours.exceptional_openings, *hours.exceptional_closings)
    instants = {edge for period in exceptional for edge in (period.begin, period.end)}
    if not hours.twentyfourseven:
        for start in (at, *(edge for edge in tuple(instants) if edge > at)):
            first = start.astimezone(tz).date()
            days = [first + timedelta(days=n) for n in range(-1, _REGULAR_HORIZON_DAYS)]
            instants.update(edge for interval in _regular_intervals(hours, tz, days) for edge in interval)
    return {instant.astimezone(UTC) for instant in instants}


def _regular_intervals(hours: OpeningHours, tz: ZoneInfo, days: Sequence[date]) -> Iterator[Interval]:
    for day in days:
        for period in hours.regular:
            if period.weekday == day.isoweekday():
                end_day = day + timedelta(days=1) if period.end == time(0) else day
                yield _instant(day, period.begin, tz), _instant(end_day, period.end, tz)


def _instant(day: date, wall: time, tz: ZoneInfo) -> datetime:
    """Return the instant of a wall-clock time: the first of two, and just after a gap it falls into (RFC
    5545).
    """
    return datetime.combine(day, wall, tzinfo=tz).astimezone(UTC)


def _within(periods: Sequence[ExceptionalPeriod], at: datetime) -> bool:
    return any(period.begin <= at < period.end for period in periods)


def _exceptional(items: Sequence[Mapping[str, Any]]) -> tuple[ExceptionalPeriod, ...]:
    return tuple(ExceptionalPeriod(_parse_instant(p["period_begin"]), _parse_instant(p["period_end"])) for p in items)


def _parse_instant(text: str) -> datetime:
    """Parse an OCPI DateTime: RFC 3339, UTC when it names no offset (2.2.1, 16.5)."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _instant_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
