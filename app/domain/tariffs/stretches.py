"""From what a charger reports (meter readings, charging states, start, stop, unplug) to the stretches that are rated.

The energy of the stretches always sums exactly to the session's energy. Idle time is priced only on evidence: the
vehicle was reported to ask for no power, or the session was stopped and the cable still blocks the place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from app.domain.tariffs.errors import TariffError
from app.domain.tariffs.restrictions import exact
from app.domain.tariffs.session import Exact, Stretch, StretchState

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class MeterReading:
    """Energy since the session began, in Wh, at an instant; power in W and current in A when the meter sent them."""

    taken_at: datetime
    energy_wh: int
    power_w: int | None = None
    current_a: Exact | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """From this instant on the session is CHARGING, PARKED (vehicle asks for no power) or SUSPENDED_EVSE."""

    at: datetime
    state: StretchState


def build_stretches(
    readings: Sequence[MeterReading],
    *,
    started_at: datetime,
    ended_at: datetime,
    stopped_at: datetime | None = None,
    energy_wh: int | None = None,
    states: Sequence[StateChange] = (),
    reserved_from: datetime | None = None,
    tariff_id: str | None = None,
) -> tuple[Stretch, ...]:
    """Return the session's stretches in order of time.

    `started_at`: the transaction began. `stopped_at`: it was stopped and energy ended; from then to `ended_at` (unplug,
    or now) the vehicle is PARKED. Without `stopped_at` the energy may run until `ended_at`. `energy_wh`: the session's
    total (meter stop minus meter start); without it the highest reading. `reserved_from`: a reservation preceded.

    Readings may come in any order, twice, or with falling registers: energy never goes back and never exceeds
    `energy_wh`; readings before the start or after the stop count at that instant. Between two readings the energy
    flows evenly over the time that was CHARGING. Where readings carry no power, the average between them stands for it,
    so a running cost is best asked for up to the last reading.
    Raises TariffError when the instants contradict each other.
    """
    stop = ended_at if stopped_at is None else stopped_at
    if not started_at <= stop <= ended_at:
        raise TariffError("stretches", "must start before they stop and stop before they end")
    points = _points(readings, started_at, stop, energy_wh)
    timeline = _timeline(states, started_at)
    stretches: list[Stretch] = []
    if reserved_from is not None and reserved_from < started_at:
        stretches.append(Stretch(reserved_from, started_at, StretchState.RESERVED, tariff_id=tariff_id))
    for before, after in pairwise(points):
        stretches.extend(_between(before, after, timeline, tariff_id))
    if stop < ended_at:
        stretches.append(_still(stop, ended_at, StretchState.PARKED, tariff_id))
    return tuple(stretches)


def _points(readings: Sequence[MeterReading], start: datetime, stop: datetime, total: int | None) -> list[MeterReading]:
    """Return start, readings, stop with rising instants and energy that never falls and ends at the total."""
    highest = max((reading.energy_wh for reading in readings), default=0) if total is None else total
    if highest < 0 or any(reading.energy_wh < 0 for reading in readings):
        raise TariffError("readings", "energy since the session began must not be negative")
    points = [MeterReading(start, 0)]
    for reading in sorted(readings, key=lambda reading: (reading.taken_at, reading.energy_wh)):
        at = min(max(reading.taken_at, start), stop)
        energy = max(points[-1].energy_wh, min(reading.energy_wh, highest))
        point = MeterReading(at, energy, reading.power_w, reading.current_a)
        if at == points[-1].taken_at and at > start:
            points[-1] = point
        else:
            points.append(point)
    last = points[-1]
    if last.taken_at == stop and stop > start:
        points[-1] = MeterReading(stop, highest, last.power_w, last.current_a)
    else:
        points.append(MeterReading(stop, highest, last.power_w, last.current_a))
    return points


def _timeline(states: Sequence[StateChange], start: datetime) -> list[StateChange]:
    """Return the states in order of time from the start on; a session charges until it is said not to."""
    timeline = [StateChange(start, StretchState.CHARGING)]
    for change in sorted(states, key=lambda change: change.at):
        if change.state is StretchState.RESERVED:
            raise TariffError("states", "a running session is not RESERVED")
        if change.at <= timeline[-1].at:
            timeline[-1] = StateChange(timeline[-1].at, change.state)
        else:
            timeline.append(change)
    return timeline


def _between(
    before: MeterReading, after: MeterReading, timeline: Sequence[StateChange], tariff_id: str | None
) -> list[Stretch]:
    """Return the stretches between two readings, their energy spread over the charging ones."""
    energy = after.energy_wh - before.energy_wh
    parts = _parts(before.taken_at, after.taken_at, timeline)
    charging = sum(((end - start) for start, end, state in parts if state is StretchState.CHARGING), timedelta())
    powers = _figures(before.power_w, after.power_w) or _average_power(energy, charging)
    currents = _figures(before.current_a, after.current_a) or (None, None)
    if not charging:
        return _between_idle(parts, before.taken_at, energy, tariff_id)
    stretches: list[Stretch] = []
    for start, end, state in parts:
        if state is StretchState.CHARGING:
            share = exact(Fraction(energy * _microseconds(end - start), _microseconds(charging)))
            stretches.append(
                Stretch(start, end, state, share, powers[0], powers[1], currents[0], currents[1], tariff_id)
            )
        else:
            stretches.append(_still(start, end, state, tariff_id))
    return stretches


def _between_idle(
    parts: Sequence[tuple[datetime, datetime, StretchState]], at: datetime, energy: int, tariff_id: str | None
) -> list[Stretch]:
    """No part was charging: should the meter have moved all the same, that energy is charged at one instant."""
    stretches = [_still(start, end, state, tariff_id) for start, end, state in parts]
    if energy:
        stretches.insert(0, Stretch(at, at, StretchState.CHARGING, energy, tariff_id=tariff_id))
    return stretches


def _parts(
    start: datetime, end: datetime, timeline: Sequence[StateChange]
) -> list[tuple[datetime, datetime, StretchState]]:
    """Return the pieces of an interval with their states; none for an empty interval."""
    parts: list[tuple[datetime, datetime, StretchState]] = []
    for index, change in enumerate(timeline):
        until = timeline[index + 1].at if index + 1 < len(timeline) else end
        piece_start, piece_end = max(start, change.at), min(end, until)
        if piece_start < piece_end:
            parts.append((piece_start, piece_end, change.state))
    return parts


def _still(start: datetime, end: datetime, state: StretchState, tariff_id: str | None) -> Stretch:
    """Return a stretch in which no power flows, which is a measured power of zero."""
    return Stretch(start, end, state, 0, 0, 0, 0, 0, tariff_id)


def _figures(before: Exact | None, after: Exact | None) -> tuple[Exact, Exact] | None:
    """Return lowest and highest of the readings around a stretch."""
    measured = [figure for figure in (before, after) if figure is not None]
    return (min(measured), max(measured)) if measured else None


def _average_power(energy: int, charging: timedelta) -> tuple[Exact | None, Exact | None]:
    if not charging:
        return (None, None)
    power = Fraction(energy * _SECONDS_PER_HOUR * 1_000_000, _microseconds(charging))
    return (power, power)


def _microseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
