"""A tariff without restrictions prices a session by its total: the course of the readings adds nothing to it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.charging.rating import SessionRecord, depends_on_course
from app.domain.charging.states import SessionState, StartMethod
from app.domain.charging.tables import ChargingSession
from app.domain.pricing.tables import TariffSnapshot
from app.domain.tariffs import (
    MeterReading,
    Restrictions,
    StateChange,
    StretchState,
    Tariff,
    TariffElement,
    content_hash,
    simple_tariff,
)
from app.kit.ids import new_id

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
_PRICES = st.none() | st.decimals(0, 3, places=2)
_STATES = [StretchState.CHARGING, StretchState.PARKED, StretchState.SUSPENDED_EVSE]


@st.composite
def _tariffs(draw: st.DrawFn) -> Tariff:
    return simple_tariff(
        id="T",
        currency="EUR",
        energy_per_kwh=draw(_PRICES),
        time_per_minute=draw(_PRICES),
        session_fee=draw(_PRICES),
        idle_per_minute=draw(_PRICES),
        idle_grace_minutes=draw(st.integers(0, 10)),
        vat_percent=Decimal(19),
        min_price=draw(st.none() | st.just(Decimal(2))),
        energy_step_wh=draw(st.sampled_from([1, 500])),
        time_step_seconds=draw(st.sampled_from([1, 60])),
    )


@given(
    _tariffs(),
    st.lists(st.tuples(st.integers(0, 7200), st.integers(0, 900)), max_size=12),
    st.lists(st.tuples(st.integers(0, 7200), st.sampled_from(_STATES)), max_size=6),
    st.integers(0, 3000),
    st.booleans(),
)
def test_the_total_alone_gives_the_same_price(
    tariff: Tariff,
    steps: list[tuple[int, int]],
    changes: list[tuple[int, StretchState]],
    parked: int,
    stopped: bool,
) -> None:
    assert not depends_on_course(tariff)
    readings, energy = [], 0
    for seconds, step in sorted(steps):
        energy += step
        readings.append(MeterReading(START + timedelta(seconds=seconds), energy, 11_000))
    stop = START + timedelta(seconds=7200)
    session = ChargingSession(
        state=SessionState.ACTIVE,
        start_method=StartMethod.APP,
        started_at=START,
        energy_ended_at=stop if stopped else None,
        ended_at=stop + timedelta(seconds=parked) if stopped else None,
        time_zone="Europe/Berlin",
        currency="EUR",
        energy_wh=energy,
    )
    snapshot = TariffSnapshot(id=new_id(), content=tariff.to_json(), content_hash=content_hash(tariff), version=1)
    states = [StateChange(START + timedelta(seconds=seconds), state) for seconds, state in changes]
    with_course = SessionRecord(session, snapshot, readings, states).rate(stop)
    by_total = SessionRecord(session, snapshot, (), states).rate(stop)
    assert by_total.totals == with_course.totals
    assert by_total.priced.total_incl == with_course.priced.total_incl


def test_only_restrictions_make_the_course_matter() -> None:
    tariff = simple_tariff(
        id="T", currency="EUR", energy_per_kwh=Decimal(1), reservation_per_minute=Decimal(1), vat_percent=Decimal(19)
    )
    assert not depends_on_course(tariff)
    night = TariffElement(tariff.elements[0].price_components, Restrictions(start_time=time(22), end_time=time(6)))
    assert depends_on_course(replace(tariff, elements=(night, *tariff.elements)))
