"""Where the wall clock can change a price: the instants at which a running stretch must be cut.

Instants are integers of microseconds since 1970 UTC. Between two neighbouring instants of a grid every clock condition
is constant, also across daylight-saving changes: the change itself is on the grid, and a wall time that happens
twice is on it twice.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.tariffs.restrictions import Number

FOREVER = 1 << 80
"""Later than every instant."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SPAN = timedelta(hours=26)


def to_us(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_us(microseconds: Number) -> datetime:
    """Return an instant as UTC datetime; a fraction of a microsecond is cut off."""
    return _EPOCH + timedelta(microseconds=microseconds.__floor__())


class ClockGrid:
    """The instants at which the given minutes of the local day come round, plus the clock changes."""

    def __init__(self, time_zone: ZoneInfo, wall_minutes: frozenset[int]) -> None:
        self._time_zone = time_zone
        self._wall_minutes = wall_minutes
        self._instants: list[int] = []
        self._next_day: date | None = None

    def next_after(self, position: Number) -> int:
        """Return the first instant of the grid after the position, FOREVER when the grid is empty."""
        if not self._wall_minutes:
            return FOREVER
        moment = from_us(position)
        self._cover(moment)
        # A bound is whole, so the first one above the floor is the first one above the position.
        return self._instants[bisect_right(self._instants, to_us(moment))]

    def _cover(self, moment: datetime) -> None:
        """Extend the grid to two days beyond the moment, so that no later day can add an earlier instant."""
        today = moment.astimezone(self._time_zone).date()
        day = self._next_day or today - timedelta(days=1)
        if day > today + timedelta(days=2):
            return
        added: set[int] = set(self._instants)
        while day <= today + timedelta(days=2):
            added.update(_instants_of(self._time_zone, day, self._wall_minutes))
            day += timedelta(days=1)
        self._instants = sorted(added)
        self._next_day = day


@lru_cache(maxsize=4096)
def _instants_of(time_zone: ZoneInfo, day: date, wall_minutes: frozenset[int]) -> tuple[int, ...]:
    instants: set[int] = set(_clock_changes(time_zone, day))
    for minute in wall_minutes:
        wall = time(minute // 60, minute % 60)
        for fold in (0, 1):
            instants.add(to_us(datetime.combine(day, wall.replace(fold=fold), tzinfo=time_zone).astimezone(UTC)))
    return tuple(sorted(instants))


def _clock_changes(time_zone: ZoneInfo, day: date) -> list[int]:
    """Return the change of the zone's offset from UTC around a local day, to the microsecond, if there is one."""
    low = datetime.combine(day, time(0), tzinfo=time_zone).astimezone(UTC)
    high = low + _SPAN
    before = low.astimezone(time_zone).utcoffset()
    if before == high.astimezone(time_zone).utcoffset():
        return []
    while high - low > _MICROSECOND:
        middle = low + (high - low) // 2
        if middle.astimezone(time_zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return [to_us(high)]


def share(amount: Number, part: Number, whole: Number) -> Number:
    """Return amount * part / whole exactly, as int where it is whole."""
    result = Fraction(amount) * part / whole
    return result.numerator if result.denominator == 1 else result
