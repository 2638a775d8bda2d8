"""Session energy from a charger's import register: pure arithmetic on integer Wh.

A register only rises. Where it falls, a new segment begins and the segments are summed, so energy is never negative;
where it is back at once, further than a new segment could be, the one low reading was wrong and counts for nothing.
A jump that the EVSE's power could not have delivered is not believed: it is kept, flagged, and cannot bill by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

DEFAULT_MAX_POWER_W = 500_000
"""Believed of an EVSE whose power is not known: above any charger on the market but the megawatt ones."""

_TOLERANCE_WH = 500
"""Registers tick in steps of up to 100 Wh and clocks are not exact: jumps this small are always believed."""

_MARGIN_PERCENT = 120
"""Chargers may exceed their rated power a little and deliver before the first timestamp."""


IMPLAUSIBLE = "implausible energy"
"""How this module's own reasons begin: a verdict that a later fold may revise, unlike one about the value itself."""


@dataclass(frozen=True, slots=True)
class RegisterReading:
    """The import register at an instant, in Wh."""

    taken_at: datetime
    register_wh: int


@dataclass(frozen=True, slots=True)
class MeteredEnergy:
    """The session's energy (Wh since its start) at an instant."""

    taken_at: datetime
    energy_wh: int
    fell: bool = False
    suspect_reason: str | None = None


def plausible_wh(elapsed_seconds: int, max_power_w: int | None) -> int:
    """Return the most energy an EVSE can have delivered in a time, with margins, in Wh."""
    power = max_power_w or DEFAULT_MAX_POWER_W
    return _TOLERANCE_WH + power * max(elapsed_seconds, 0) * _MARGIN_PERCENT // (3600 * 100)


@dataclass(slots=True)
class SegmentMeter:
    """Folds register readings in order of time into session energy."""

    max_power_w: int | None
    last: RegisterReading
    energy_wh: int = 0
    before_fall: RegisterReading | None = None
    """The reading before the last one, where the last one fell below it."""

    def add(self, reading: RegisterReading) -> MeteredEnergy:
        """Take the next reading; one that cannot be true changes nothing and says why."""
        delta = reading.register_wh - self.last.register_wh
        if delta < 0:
            self.before_fall, self.last = self.last, reading
            return MeteredEnergy(reading.taken_at, self.energy_wh, fell=True)
        reason = self._implausible(self.last, reading)
        if reason is not None:
            before = self.before_fall
            if before is None or reading.register_wh < before.register_wh or self._implausible(before, reading):
                return MeteredEnergy(reading.taken_at, self.energy_wh, suspect_reason=reason)
            # Only the one low reading was wrong: the register goes on where it stood before.
            delta = reading.register_wh - before.register_wh
        self.energy_wh += delta
        self.before_fall, self.last = None, reading
        return MeteredEnergy(reading.taken_at, self.energy_wh)

    def _implausible(self, since: RegisterReading, reading: RegisterReading) -> str | None:
        delta = reading.register_wh - since.register_wh
        elapsed = int((reading.taken_at - since.taken_at).total_seconds())
        limit = plausible_wh(elapsed, self.max_power_w)
        return f"{IMPLAUSIBLE}: {delta} Wh in {elapsed} s, at most {limit} Wh are plausible" if delta > limit else None


def fold(
    start: RegisterReading, readings: Sequence[RegisterReading], max_power_w: int | None
) -> tuple[list[MeteredEnergy], int]:
    """Return the energy at every reading in order of time, and the session's total in Wh."""
    meter = SegmentMeter(max_power_w, start)
    ordered = sorted(readings, key=lambda reading: reading.taken_at)
    return [meter.add(reading) for reading in ordered], meter.energy_wh
