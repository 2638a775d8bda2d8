"""What is in force at a point of a session, and until when: the choice of components between two thresholds.

A segment ends at the next clock instant, elapsed-time threshold or energy threshold of its tariff. Inside it nothing
but the measured power can change the choice, so a segment is found once and used for many readings.
"""

from bisect import bisect_right
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.domain.tariffs.cut import FOREVER, ClockGrid, from_us
from app.domain.tariffs.model import Tariff
from app.domain.tariffs.restrictions import MICROSECONDS, Moment, Number
from app.domain.tariffs.selection import Choice, CompiledTariff
from app.domain.tariffs.session import Context, Stretch


class Segment:
    """The components in force until an instant (microseconds) or an energy (Wh) is reached, whichever is first."""

    __slots__ = ("choice", "context", "until", "until_wh")

    def __init__(self, context: Context, choice: Choice, until: Number, until_wh: Number) -> None:
        self.context = context
        self.choice = choice
        self.until = until
        self.until_wh = until_wh


class TariffClock:
    """One compiled tariff at one location; hands out segments for points that never go back."""

    __slots__ = ("_grid", "_segment", "_time_zone", "compiled", "grace_us", "tariff")

    def __init__(self, compiled: CompiledTariff, time_zone: ZoneInfo) -> None:
        self.compiled = compiled
        self.tariff: Tariff = compiled.tariff
        self.grace_us = compiled.tariff.x_idle_grace_seconds * MICROSECONDS
        self._time_zone = time_zone
        self._grid = ClockGrid(time_zone, compiled.wall_minutes)
        self._segment: Segment | None = None

    def segment_at(
        self, context: Context, origin: int, position: Number, energy_wh: Number, stretch: Stretch
    ) -> Segment:
        """Return the segment at a position; `origin` is when the session (or reservation) began."""
        last = self._segment
        if (
            last is not None
            and position < last.until
            and energy_wh < last.until_wh
            and last.context is context
            and not self.compiled.depends_on_power
        ):
            return last
        compiled = self.compiled
        local = from_us(position).astimezone(self._time_zone) if compiled.wall_minutes else None
        moment = Moment(local, position - origin, energy_wh, stretch)
        until = min(self._grid.next_after(position), origin + _next_above(compiled.durations_us, position - origin))
        until_wh = _next_above(compiled.energies_wh, energy_wh)
        self._segment = Segment(context, compiled.choose(context, moment), until, until_wh)
        return self._segment


def _next_above(thresholds: Sequence[Number], value: Number) -> Number:
    index = bisect_right(thresholds, value)
    return thresholds[index] if index < len(thresholds) else FOREVER
