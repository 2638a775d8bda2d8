"""When an element applies: OCPI restrictions in the engine's own units, tested at one moment of a session.

All conditions hold together. Minimums are inclusive, maximums exclusive (OCPI 2.2.1 §11.4.6). Units are microseconds,
Wh, W, A and minutes of the local day, so that a test compares integers or exact fractions only.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

from app.domain.tariffs.model import DayOfWeek, Restrictions
from app.domain.tariffs.session import Exact, Stretch

Number = int | Fraction

MICROSECONDS = 1_000_000
MINUTES_OF_DAY = 24 * 60
_DAYS = tuple(DayOfWeek)


def exact(value: Exact) -> Number:
    """Return a number as int where it is whole, else as Fraction: whole numbers are the fast path."""
    if isinstance(value, int):
        return value
    fraction = Fraction(value)
    return fraction.numerator if fraction.denominator == 1 else fraction


@dataclass(slots=True)
class Moment:
    """The state of a session at one instant: local wall clock, time and energy since it began, the stretch's power."""

    local: datetime | None
    elapsed_us: Number
    energy_wh: Number
    stretch: Stretch


class Conditions:
    """The restrictions of one element, ready to be tested."""

    __slots__ = ("current", "days", "duration_us", "end_date", "energy_wh", "power_w", "start_date", "window")

    def __init__(self, restrictions: Restrictions, *, equal_times_are_whole_day: bool) -> None:
        self.window = _window(restrictions.start_time, restrictions.end_time, equal_times_are_whole_day)
        self.start_date: date | None = restrictions.start_date
        self.end_date: date | None = restrictions.end_date
        self.days = frozenset(_DAYS.index(day) for day in restrictions.day_of_week)
        self.duration_us = _scaled(restrictions.min_duration, restrictions.max_duration, MICROSECONDS)
        self.energy_wh = _scaled(restrictions.min_kwh, restrictions.max_kwh, 1000)
        self.power_w = _scaled(restrictions.min_power, restrictions.max_power, 1000)
        self.current = _scaled(restrictions.min_current, restrictions.max_current, 1)

    @property
    def can_change(self) -> bool:
        """Whether anything but the reservation is a condition, so that the element can begin or end to apply."""
        bounds = (
            self.window,
            self.start_date,
            self.end_date,
            self.duration_us,
            self.energy_wh,
            self.power_w,
            self.current,
        )
        return bool(self.days) or any(bound is not None for bound in bounds)

    def match(self, moment: Moment) -> bool:
        """Tell whether all conditions hold at this moment."""
        return (
            (moment.local is None or self._matches_clock(moment.local))
            and _within(self.duration_us, moment.elapsed_us, moment.elapsed_us)
            and _within(self.energy_wh, moment.energy_wh, moment.energy_wh)
            and self._matches_power(moment.stretch)
        )

    def _matches_clock(self, local: datetime) -> bool:
        if self.days and local.weekday() not in self.days:
            return False
        today = local.date()
        if self.start_date is not None and today < self.start_date:
            return False
        if self.end_date is not None and today >= self.end_date:
            return False
        if self.window is None:
            return True
        start, end = self.window
        minute = local.hour * 60 + local.minute
        return start <= minute < end if start <= end else minute >= start or minute < end

    def _matches_power(self, stretch: Stretch) -> bool:
        return _within(self.power_w, stretch.min_power_w, stretch.max_power_w) and _within(
            self.current, stretch.min_current_a, stretch.max_current_a
        )

    def wall_minutes(self) -> set[int]:
        """Return the minutes of the local day at which the clock conditions can change."""
        minutes = {minute % MINUTES_OF_DAY for minute in self.window or ()}
        if self.days or self.start_date is not None or self.end_date is not None:
            minutes.add(0)
        return minutes


def _window(start: time | None, end: time | None, equal_is_whole_day: bool) -> tuple[int, int] | None:
    """Return the window in minutes; an end of 00:00 is the end of the day; None is no condition."""
    if start is None and end is None:
        return None
    first = 0 if start is None else start.hour * 60 + start.minute
    last = 0 if end is None else end.hour * 60 + end.minute
    if start == end and first:
        return (0, MINUTES_OF_DAY) if equal_is_whole_day else (0, 0)
    return (first, last or MINUTES_OF_DAY)


def _scaled(
    minimum: Decimal | int | None, maximum: Decimal | int | None, factor: int
) -> tuple[Number | None, Number | None] | None:
    if minimum is None and maximum is None:
        return None
    return (
        None if minimum is None else exact(Fraction(minimum) * factor),
        None if maximum is None else exact(Fraction(maximum) * factor),
    )


def _within(bounds: tuple[Number | None, Number | None] | None, lowest: Exact | None, highest: Exact | None) -> bool:
    """Tell whether the figures are inside the bounds; a figure that is needed and missing does not match."""
    if bounds is None:
        return True
    minimum, maximum = bounds
    if minimum is not None and (lowest is None or lowest < minimum):
        return False
    return maximum is None or (highest is not None and highest < maximum)
