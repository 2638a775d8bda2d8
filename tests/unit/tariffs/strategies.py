"""Random tariffs and metered sessions for property tests: small numbers, many thresholds that really are met."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from app.domain.tariffs import DayOfWeek, Stretch, StretchState

START = datetime(2026, 3, 28, 20, tzinfo=UTC)
"""The evening before Europe's clocks go forward."""

_clock = st.sampled_from(["00:00", "01:30", "02:30", "06:00", "17:15", "22:00", "23:59"])
_prices = st.sampled_from(["0", "0.3", "0.59", "1", "2.4", "6"])
_steps = st.sampled_from([0, 1, 60, 500, 900])


@st.composite
def restrictions(draw: st.DrawFn) -> dict[str, Any]:
    """Return a few conditions that hold together."""
    chosen: dict[str, Any] = {}
    options: dict[str, st.SearchStrategy[Any]] = {
        "start_time": _clock,
        "end_time": _clock,
        "start_date": st.sampled_from(["2026-03-28", "2026-03-29"]),
        "end_date": st.sampled_from(["2026-03-29", "2026-03-30"]),
        "min_kwh": st.sampled_from([0, 5, "12.5"]),
        "max_kwh": st.sampled_from([1, 10, "33.3"]),
        "min_duration": st.sampled_from([0, 600, 3600]),
        "max_duration": st.sampled_from([1, 1800, 14400]),
        "min_power": st.sampled_from([0, 11, 22]),
        "max_power": st.sampled_from([11, 50]),
        "day_of_week": st.lists(st.sampled_from(list(DayOfWeek)), min_size=1, max_size=3),
        "reservation": st.sampled_from(["RESERVATION", "RESERVATION_EXPIRES"]),
    }
    for name in draw(st.lists(st.sampled_from(sorted(options)), max_size=3, unique=True)):
        chosen[name] = draw(options[name])
    return chosen


@st.composite
def tariffs(draw: st.DrawFn, *, limits: bool = True) -> dict[str, Any]:
    """Return an OCPI tariff with non-negative prices."""
    component = st.fixed_dictionaries(
        {
            "type": st.sampled_from(["ENERGY", "TIME", "PARKING_TIME", "FLAT"]),
            "price": _prices,
            "step_size": _steps,
            "vat": st.sampled_from([None, 0, 7, "19"]),
        }
    )
    element = st.fixed_dictionaries(
        {"price_components": st.lists(component, min_size=1, max_size=4)}, optional={"restrictions": restrictions()}
    )
    tariff: dict[str, Any] = {
        "id": "T",
        "currency": draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        "elements": draw(st.lists(element, min_size=1, max_size=4)),
        "tax_included": draw(st.sampled_from([None, "NO", "YES", "N/A"])),
        "x_idle_grace_seconds": draw(st.sampled_from([0, 300, 1000])),
    }
    if limits:
        limit = st.none() | st.fixed_dictionaries({"before_taxes": _prices, "after_taxes": _prices})
        tariff |= {"min_price": draw(limit), "max_price": draw(limit)}
    return tariff


@st.composite
def raw_sessions(draw: st.DrawFn) -> list[Stretch]:
    """Return metered stretches without gaps, in order of time."""
    stretches: list[Stretch] = []
    position = START + timedelta(minutes=draw(st.integers(0, 600)))
    if draw(st.booleans()):
        stretches.append(Stretch(position, position + timedelta(minutes=20), StretchState.RESERVED))
        position = stretches[0].end
    states = st.sampled_from([StretchState.CHARGING, StretchState.PARKED, StretchState.SUSPENDED_EVSE])
    for _ in range(draw(st.integers(1, 5))):
        state = draw(states)
        end = position + timedelta(seconds=draw(st.integers(1, 20_000)))
        energy = draw(st.integers(0, 30_000)) if state is StretchState.CHARGING else 0
        power = draw(st.sampled_from([None, 0, 10_999, 11_000, 22_000]))
        stretches.append(Stretch(position, end, state, energy, power, power))
        position = end
    return stretches
