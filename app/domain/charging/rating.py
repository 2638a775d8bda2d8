"""Prices a session from what is stored: frozen tariff, readings, phases. Running cost and bill are both made here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.charging.blocking import rated_states
from app.domain.charging.tables import ChargingSession, MeterReading, SessionPhase
from app.domain.pricing.store import tariff_of
from app.domain.pricing.tables import TariffSnapshot
from app.domain.tariffs import (
    DEFAULT_POLICY,
    Dimension,
    InvoiceTotals,
    PricedSession,
    Restrictions,
    StateChange,
    Stretch,
    StretchState,
    Tariff,
    build_stretches,
    invoice_totals,
    rate,
)
from app.domain.tariffs import MeterReading as RatedReading
from app.kit.errors import VoltlaneError

SESSION_POLICY = replace(DEFAULT_POLICY, waive_without_energy=True)
"""Sessions in which no energy flowed cost nothing: neither a session fee nor time."""


class NotRateableError(VoltlaneError):
    """The session has no start or no tariff: a programming error or a session for review."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A price with the tariff it was made by."""

    priced: PricedSession
    totals: InvoiceTotals
    tariff: Tariff
    snapshot: TariffSnapshot


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What a session is rated from."""

    session: ChargingSession
    snapshot: TariffSnapshot
    readings: Sequence[RatedReading]
    states: Sequence[StateChange]

    def stretches(self, until: datetime) -> tuple[Stretch, ...]:
        """Return the session's stretches up to an instant (its end, where it has ended)."""
        session = self.session
        if session.started_at is None:
            raise NotRateableError(f"session {session.id} never started")
        stopped = session.energy_ended_at
        ended = session.ended_at or max(until, stopped or until, session.started_at)
        return build_stretches(
            self.readings,
            started_at=session.started_at,
            stopped_at=min(stopped, ended) if stopped else None,
            ended_at=ended,
            energy_wh=session.energy_wh,
            states=self.states,
        )

    def rate(self, until: datetime, *, ahead: Stretch | None = None) -> Rated:
        """Price the session up to an instant; `ahead` adds what might still follow."""
        tariff = _parsed(self.snapshot)
        stretches = self.stretches(until)
        if ahead is not None:
            stretches = (*stretches, ahead)
        priced = rate(tariff, ZoneInfo(self.session.time_zone), stretches, SESSION_POLICY)
        return Rated(priced, invoice_totals(priced, self.session.currency), tariff, self.snapshot)


_PARSED_AT_MOST = 1000
_parse_cache: dict[tuple[str, str], Tariff] = {}


def _parsed(snapshot: TariffSnapshot) -> Tariff:
    """Return the parsed tariff; the content of a hash never changes, so it is parsed once a process."""
    key = (str(snapshot.id), snapshot.content_hash)
    if key not in _parse_cache:
        if len(_parse_cache) >= _PARSED_AT_MOST:
            _parse_cache.clear()
        _parse_cache[key] = tariff_of(snapshot)
    return _parse_cache[key]


async def load_record(db: AsyncSession, session: ChargingSession) -> SessionRecord:
    """Read what a session is rated from. Raises NotRateableError where it has no tariff."""
    if session.tariff_snapshot_id is None:
        raise NotRateableError(f"session {session.id} has no tariff")
    snapshot = await db.get_one(TariffSnapshot, session.tariff_snapshot_id)
    readings = await _readings(db, session) if depends_on_course(_parsed(snapshot)) else ()
    phases = await db.scalars(
        select(SessionPhase)
        .where(SessionPhase.session_id == session.id)
        .order_by(SessionPhase.began_at, SessionPhase.id)
    )
    return SessionRecord(session, snapshot, readings, rated_states(session, phases.all()))


async def _readings(db: AsyncSession, session: ChargingSession) -> Sequence[RatedReading]:
    rows = await db.execute(
        select(MeterReading.taken_at, MeterReading.energy_wh, MeterReading.power_w)
        .where(
            MeterReading.session_id == session.id,
            MeterReading.energy_wh.is_not(None),
            MeterReading.suspect_reason.is_(None),
        )
        .order_by(MeterReading.taken_at)
    )
    return [RatedReading(at, energy or 0, power) for at, energy, power in rows]


def depends_on_course(tariff: Tariff) -> bool:
    """Return whether a price depends on when the energy flowed and not only on how much, and on the charging states.

    Only restrictions make it so. Without any, a session is rated from its total, so that the running cost of the
    thousandth reading takes as long as that of the first.
    """
    plain = Restrictions()
    return any(
        element.restrictions is not None and replace(element.restrictions, reservation=None) != plain
        for element in tariff.elements
    )


def has_parking_price(tariff: Tariff) -> bool:
    """Return whether blocking the place costs anything under a tariff."""
    return any(
        component.type is Dimension.PARKING_TIME and component.price > 0
        for element in tariff.elements
        for component in element.price_components
    )


def ahead_stretch(start: datetime, margin: timedelta, max_power_w: int) -> Stretch:
    """Return what may still flow before a stop takes effect: the EVSE's full power for the margin."""
    energy_wh = max_power_w * int(margin.total_seconds()) // 3600
    return Stretch(start, start + margin, StretchState.CHARGING, energy_wh, max_power_w=Decimal(max_power_w))
