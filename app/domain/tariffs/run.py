"""One rating under way: stretches go in one after the other and draft lines grow.

A line is extended for as long as the same component stays in force, so splitting a stretch changes nothing, and what
has been added so far can be priced at any time. Nothing is rounded here. Instants are microseconds since 1970 UTC.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain.tariffs.cut import share, to_us
from app.domain.tariffs.errors import TariffError
from app.domain.tariffs.model import Dimension, Tariff
from app.domain.tariffs.policy import IdleGrace, RatingPolicy
from app.domain.tariffs.restrictions import Number, exact
from app.domain.tariffs.segment import Segment, TariffClock
from app.domain.tariffs.selection import CompiledTariff
from app.domain.tariffs.session import Context, Stretch, StretchState
from app.domain.tariffs.steps import DraftLine

_HOUR_US = 3_600_000_000
_CLOCK_DIMENSION = {
    StretchState.CHARGING: Dimension.TIME,
    StretchState.PARKED: Dimension.PARKING_TIME,
    StretchState.RESERVED: Dimension.TIME,
}


class RatingRun:
    """Accumulates the lines of one session; see `rate` for the arguments.

    Raises TariffError when tariffs disagree in currency, a stretch names a tariff that was not given, or stretches are
    out of order.
    """

    def __init__(
        self,
        tariffs: Sequence[Tariff],
        time_zone: ZoneInfo,
        policy: RatingPolicy,
        *,
        cut: bool,
        reservation_expired: bool,
    ) -> None:
        if not tariffs:
            raise TariffError("tariffs", "at least one tariff is needed")
        if len({tariff.currency for tariff in tariffs}) > 1:
            raise TariffError("tariffs", "all tariffs of a session must have one currency")
        self.policy = policy
        self.lines: list[DraftLine] = []
        self.unpriced: dict[Dimension, Number] = {}
        self.energy_wh: Number = 0
        self.idle_grace_us: Number = 0
        self.session_tariff: CompiledTariff | None = None
        self._cut = cut
        self._clocks = [
            TariffClock(CompiledTariff(tariff, policy, reservation_expired=reservation_expired), time_zone)
            for tariff in tariffs
        ]
        self._began: dict[Context, int] = {}
        self._flat_done: set[Context] = set()
        self._open: dict[Dimension, DraftLine] = {}
        self._idle_us: Number = 0
        self._last: int | None = None
        self._last_us = 0
        self._last_instant: datetime | None = None

    @property
    def currency(self) -> str:
        """The currency of all tariffs."""
        return self._clocks[0].tariff.currency

    @property
    def first_tariff(self) -> CompiledTariff:
        """The tariff in force when the session began; before that the first one given."""
        return self.session_tariff or self._clocks[0].compiled

    def add(self, stretch: Stretch) -> None:
        """Add the next stretch. When the engine cuts, overlap is refused; CDR periods must only not go back."""
        # Neighbouring stretches mostly share the instant between them.
        start = self._last_us if stretch.start is self._last_instant else to_us(stretch.start)
        end = self._last_us = to_us(stretch.end)
        self._last_instant = stretch.end
        if self._last is not None and start < self._last:
            raise TariffError("stretches", "must be in order of time and must not overlap")
        self._last = end if self._cut else start
        clock = self._clocks[0] if stretch.tariff_id is None else self._clock_of(stretch.tariff_id)
        context = Context.RESERVATION if stretch.state is StretchState.RESERVED else Context.SESSION
        if context not in self._began:
            self._began[context] = start
            if context is Context.SESSION:
                self.session_tariff = clock.compiled
        if self._cut and stretch.volumes is None:
            self._add_raw(clock, context, stretch, start, end)
        else:
            self._add_period(clock, context, stretch, start, end)
        if (
            stretch.state is StretchState.CHARGING
            and end > start
            and self.policy.idle_grace is IdleGrace.PER_IDLE_PERIOD
        ):
            self._idle_us = 0

    def _clock_of(self, tariff_id: str) -> TariffClock:
        for clock in self._clocks:
            if clock.tariff.id == tariff_id:
                return clock
        raise TariffError("stretch.tariff_id", f"no tariff {tariff_id!r} was given")

    def _add_raw(self, clock: TariffClock, context: Context, stretch: Stretch, start: int, end: int) -> None:
        """Cut a metered stretch wherever the price can change; energy is linear in time inside it."""
        origin, energy = self._began[context], exact(stretch.energy_wh)
        base = self.energy_wh if context is Context.SESSION else 0
        position: Number = start
        energy_wh, final_wh = base, base + energy
        while position < end or energy_wh < final_wh:
            segment = clock.segment_at(context, origin, position, energy_wh, stretch)
            until = min(segment.until, end)
            if stretch.state is StretchState.PARKED and self._idle_us < clock.grace_us:
                until = min(until, position + clock.grace_us - self._idle_us)
            at_wh = final_wh if until == end else base + share(energy, until - start, end - start)
            if segment.until_wh < at_wh:
                at_wh = segment.until_wh
                until = start + share(end - start, at_wh - base, energy)
            self._price(clock, segment, stretch.state, (position, until), at_wh - energy_wh)
            position, energy_wh = until, at_wh
        if context is Context.SESSION:
            self.energy_wh = final_wh

    def _add_period(self, clock: TariffClock, context: Context, stretch: Stretch, start: int, end: int) -> None:
        """Price an OCPI period by what is in force at its start; its lines are its own."""
        energy_wh = self.energy_wh if context is Context.SESSION else 0
        segment = clock.segment_at(context, self._began[context], start, energy_wh, stretch)
        energy = exact(stretch.energy_wh)
        self._open.clear()
        if stretch.volumes is None:
            self._price(clock, segment, stretch.state, (start, end), energy)
        else:
            self._price_volumes(clock, segment, stretch, (start, end), energy)
        self._open.clear()
        if context is Context.SESSION:
            self.energy_wh += energy

    def _price(
        self, clock: TariffClock, segment: Segment, state: StretchState, span: tuple[Number, Number], energy: Number
    ) -> None:
        start, end = span
        duration = end - start
        if not duration and not energy:
            return
        if state is StretchState.SUSPENDED_EVSE:
            self._skip(Dimension.ENERGY, energy)
            return
        if segment.context not in self._flat_done:
            self._price_flat(segment, start)
        if state is StretchState.PARKED and clock.grace_us:
            duration = self._after_grace(clock, duration)
        if energy:
            self._put(segment, Dimension.ENERGY, span, energy)
        if duration:
            self._put(segment, _CLOCK_DIMENSION[state], span, duration)

    def _price_volumes(
        self, clock: TariffClock, segment: Segment, stretch: Stretch, span: tuple[Number, Number], energy: Number
    ) -> None:
        """Price the hours a CDR states in place of the clock's."""
        if stretch.state is StretchState.SUSPENDED_EVSE:
            self._skip(Dimension.ENERGY, energy)
            return
        if segment.context not in self._flat_done:
            self._price_flat(segment, span[0])
        if energy:
            self._put(segment, Dimension.ENERGY, span, energy)
        for dimension in (Dimension.TIME, Dimension.PARKING_TIME):
            quantity = exact((stretch.volumes or {}).get(dimension, 0)) * _HOUR_US
            if quantity and dimension is Dimension.PARKING_TIME and clock.grace_us:
                quantity = self._after_grace(clock, quantity)
            if quantity:
                self._put(segment, dimension, span, quantity)

    def _price_flat(self, segment: Segment, start: Number) -> None:
        if Dimension.FLAT in segment.choice:
            self._flat_done.add(segment.context)
            self.lines.append(DraftLine(segment.choice[Dimension.FLAT], start, start, 1))

    def _after_grace(self, clock: TariffClock, duration: Number) -> Number:
        """Return the idle time that is left to price after the grace time."""
        free = min(duration, max(0, clock.grace_us - self._idle_us))
        self._idle_us += duration
        self.idle_grace_us += free
        return duration - free

    def _put(self, segment: Segment, dimension: Dimension, span: tuple[Number, Number], quantity: Number) -> None:
        candidate = segment.choice.get(dimension)
        if candidate is None:
            self._skip(dimension, quantity)
            return
        line = self._open.get(dimension)
        if line is not None and line.candidate is candidate and line.end == span[0]:
            line.end = span[1]
            line.quantity += quantity
            return
        line = DraftLine(candidate, span[0], span[1], quantity)
        self._open[dimension] = line
        self.lines.append(line)

    def _skip(self, dimension: Dimension, quantity: Number) -> None:
        if quantity:
            self.unpriced[dimension] = self.unpriced.get(dimension, 0) + quantity
