"""When a session must stop itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.charging.limits import cost_ceiling, reached_cost, reached_limit
from app.domain.charging.rating import SessionRecord
from app.domain.charging.settings import ChargingSettings
from app.domain.charging.states import SessionState, StartMethod, StopReason
from app.domain.charging.tables import ChargingSession
from app.domain.pricing.tables import TariffSnapshot
from app.domain.tariffs import MeterReading, content_hash, simple_tariff
from app.kit.ids import new_id

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
TARIFF = simple_tariff(id="T", currency="EUR", energy_per_kwh=Decimal("0.60"), vat_percent=Decimal(19))


def _session(**values: object) -> ChargingSession:
    defaults = {
        "state": SessionState.ACTIVE,
        "start_method": StartMethod.APP,
        "started_at": START,
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "energy_wh": 0,
        "free_of_charge": False,
    }
    return ChargingSession(**defaults | values)


def _record(session: ChargingSession, minutes: int) -> SessionRecord:
    content = TARIFF.to_json()
    snapshot = TariffSnapshot(id=new_id(), content=content, content_hash=content_hash(TARIFF), version=1)
    session.last_reading_at = START + timedelta(minutes=minutes)
    return SessionRecord(session, snapshot, [MeterReading(session.last_reading_at, session.energy_wh)], [])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"max_energy_wh": 1001, "energy_wh": 1000}, None),
        ({"max_energy_wh": 1000, "energy_wh": 1000}, StopReason.LIMIT_ENERGY),
        ({"max_soc": 80}, None),
        ({"max_soc": 80, "soc_percent": 79}, None),
        ({"max_soc": 80, "soc_percent": 80}, StopReason.LIMIT_SOC),
        ({"max_duration_seconds": 601}, None),
        ({"max_duration_seconds": 600}, StopReason.LIMIT_TIME),
        ({"max_duration_seconds": 1, "started_at": None}, None),
    ],
)
def test_the_drivers_own_limits(values: dict[str, object], expected: StopReason | None) -> None:
    assert reached_limit(_session(**values), START + timedelta(seconds=600)) is expected


@pytest.mark.parametrize(
    ("cost", "hold", "expected"),
    [
        (None, None, None),
        (500, None, (500, StopReason.LIMIT_COST)),
        (None, 500, (500, StopReason.HOLD_REACHED)),
        (300, 500, (300, StopReason.LIMIT_COST)),
        (500, 300, (300, StopReason.HOLD_REACHED)),
        (500, 500, (500, StopReason.LIMIT_COST)),
    ],
)
def test_the_lower_ceiling_counts(cost: int | None, hold: int | None, expected: tuple[int, StopReason] | None) -> None:
    assert cost_ceiling(_session(max_cost_minor=cost, hold_minor=hold)) == expected


@pytest.mark.parametrize(("energy_wh", "reached"), [(7491, False), (7492, True)])
def test_the_margin_is_full_power_for_a_sample_and_half_a_minute(energy_wh: int, reached: bool) -> None:
    """50 kW for 60 s is 833 Wh; from 8,325 Wh on, 0.60 EUR/kWh rounds to 5.00 EUR."""
    session = _session(energy_wh=energy_wh, hold_minor=500)
    record = _record(session, 30)
    reason = reached_cost(record, START + timedelta(minutes=30), ChargingSettings(), 50_000)
    assert (reason is StopReason.HOLD_REACHED) is reached


def test_a_slow_charger_may_go_closer_to_the_ceiling() -> None:
    session = _session(energy_wh=8000, hold_minor=500)
    record = _record(session, 30)
    now = START + timedelta(minutes=30)
    assert reached_cost(record, now, ChargingSettings(), 11_000) is None
    assert reached_cost(record, now, ChargingSettings(), 50_000) is StopReason.HOLD_REACHED


def test_a_free_session_has_no_ceiling() -> None:
    session = _session(energy_wh=10**6, hold_minor=1, free_of_charge=True)
    assert reached_cost(_record(session, 30), START + timedelta(minutes=30), ChargingSettings(), None) is None
