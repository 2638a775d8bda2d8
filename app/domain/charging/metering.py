"""Session energy from a charger's import register: pure arithmetic on integer Wh.

A register only rises. Where it falls, a new segment begins and the segments are summed, so energy is never negative;
where it is back at once, further than a new segment could be, the one low reading was wrong and counts for nothing.
A jump that the EVSE's power could not have delivered in the time is in doubt. Registers are more reliable than clocks
(chargers report in coarse steps, late, or stamp a queue with the time of sending), so a step that a car can take is
believed and flagged, unless the next reading takes it back; a greater one is not believed: it is kept, flagged, and
cannot bill by itself.
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


COARSE_STEP_WH = 20_000
"""The greatest step in doubt that is believed: a wrong unit or a missing baseline shows far more."""

COARSE_SESSION_WH = 100_000
"""The most energy a session may have with steps in doubt: a car's battery."""

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
    """Why the reading is not believed."""
    doubt: str | None = None
    """Why the reading is believed and yet to be looked at."""


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

    def add(self, reading: RegisterReading, *, taken_back: bool = False) -> MeteredEnergy:
        """Take the next reading; one that cannot be true changes nothing and says why.

        `taken_back`: the reading after this one is known, and lower.
        """
        delta = reading.register_wh - self.last.register_wh
        if delta < 0:
            self.before_fall, self.last = self.last, reading
            return MeteredEnergy(reading.taken_at, self.energy_wh, fell=True)
        reason = self._implausible(self.last, reading)
        believed = self._is_step_of_a_car(delta) and not taken_back
        if reason is not None and not believed:
            before = self.before_fall
            if before is None or reading.register_wh < before.register_wh or self._implausible(before, reading):
                return MeteredEnergy(reading.taken_at, self.energy_wh, suspect_reason=reason)
            # Only the one low reading was wrong: the register goes on where it stood before.
            delta = reading.register_wh - before.register_wh
        self.energy_wh += delta
        self.before_fall, self.last = None, reading
        return MeteredEnergy(reading.taken_at, self.energy_wh, doubt=reason if believed else None)

    def _is_step_of_a_car(self, delta_wh: int) -> bool:
        """Whether a step in doubt is believed: not right after a fall, where the low reading may be the wrong one."""
        return (
            self.before_fall is None and delta_wh <= COARSE_STEP_WH and self.energy_wh + delta_wh <= COARSE_SESSION_WH
        )

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
    following = [*(reading.register_wh for reading in ordered[1:]), None]
    metered = [
        meter.add(reading, taken_back=after is not None and after < reading.register_wh)
        for reading, after in zip(ordered, following, strict=False)
    ]
    return metered, meter.energy_wh
