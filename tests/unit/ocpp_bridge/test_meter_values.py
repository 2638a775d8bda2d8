"""Meter values of both versions as readings: exact, and never dropped."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain.charging.messages import Reading
from ocpp_bridge.translate.meter_values import read_meter_values, sample_2, sample_16

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def read(*samples: dict[str, Any], reader: Any = sample_16) -> tuple[Reading, ...]:
    """Read one meter value of 1.6, or of 2.x with `reader`."""
    value = {"timestamp": "2026-11-20T09:59:00Z", "sampledValue": list(samples)}
    return read_meter_values([value], reader, received_at=NOW, zone=None)


@pytest.mark.parametrize(
    ("sample", "register"),
    [
        ({"value": "1234"}, 1234),
        ({"value": "1234.5"}, 1235),
        ({"value": "1234.4999"}, 1234),
        ({"value": "1.2345", "unit": "kWh"}, 1235),
        ({"value": "12,5", "unit": "kWh"}, 12_500),
        ({"value": " 7 ", "unit": "Wh", "location": "Outlet"}, 7),
        ({"value": "0.000000000000000000001", "unit": "kWh"}, 0),
        ({"value": 5}, 5),
    ],
)
def test_the_register_is_exact_watt_hours(sample: dict[str, Any], register: int) -> None:
    [reading] = read(sample)
    assert (reading.register_wh, reading.suspect_reason) == (register, None)
    assert reading.samples == [sample]


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ({"value": "ABC"}, "unreadable register"),
        ({"value": "NaN"}, "unreadable register"),
        ({"value": ""}, "unreadable register"),
        ({"value": "5", "unit": "varh"}, "unreadable register"),
        ({"value": "9" * 40}, "unreadable register"),
        ({"value": "-5"}, "negative register"),
    ],
)
def test_an_unreadable_register_is_kept_and_suspect(sample: dict[str, Any], reason: str) -> None:
    [reading] = read(sample)
    assert reading.register_wh is None
    assert reading.suspect_reason is not None
    assert reading.suspect_reason.startswith(reason)
    assert reading.samples == [sample]


def test_phases_are_summed_only_without_a_total() -> None:
    power = {"measurand": "Power.Active.Import", "unit": "kW"}
    phases = [power | {"value": "1.1", "phase": phase} for phase in ("L1", "L2-N", "L3")]
    assert read(*phases)[0].power_w == 3300
    assert read(*phases, power | {"value": "3.5"})[0].power_w == 3500
    lines = [power | {"value": "9", "phase": "L1-L2"}]
    assert read(*lines)[0].power_w is None


def test_the_outlet_counts_and_other_places_are_in_doubt() -> None:
    inlet, outlet = {"value": "10", "location": "Inlet"}, {"value": "9", "location": "Outlet"}
    assert read(inlet, outlet)[0].register_wh == 9
    [reading] = read(inlet)
    assert (reading.register_wh, reading.suspect_reason) == (10, "register measured at Inlet")
    [reading] = read({"value": "10", "location": "EV"})
    assert (reading.register_wh, reading.suspect_reason) == (None, None)


def test_state_of_charge_is_a_percentage() -> None:
    assert read({"value": "41.5", "measurand": "SoC", "unit": "Percent"})[0].soc_percent == 42
    assert read({"value": "101", "measurand": "SoC"})[0].soc_percent is None


def test_signed_data_stays_as_it_is() -> None:
    signed = {"value": "4F434D46", "format": "SignedData", "context": "Transaction.End"}
    plain = {"value": "8000", "context": "Transaction.End"}
    [reading] = read(signed, plain)
    assert (reading.register_wh, reading.suspect_reason) == (8000, None)
    assert reading.samples == [signed, plain]


def test_contexts_of_one_instant_become_readings_in_order() -> None:
    ended, began = read({"value": "9", "context": "Transaction.End"}, {"value": "1", "context": "Transaction.Begin"})
    assert [(r.context, r.register_wh) for r in (ended, began)] == [("Transaction.Begin", 1), ("Transaction.End", 9)]


def test_version_2_units_have_a_multiplier() -> None:
    unit = {"unit": "Wh", "multiplier": 3}
    [reading] = read({"value": Decimal("12.3456"), "unitOfMeasure": unit}, reader=sample_2)
    assert reading.register_wh == 12_346
    assert reading.samples == [{"value": 12.3456, "unitOfMeasure": unit}]
    assert read({"value": 5}, reader=sample_2)[0].register_wh == 5
    assert read({"value": 5, "unitOfMeasure": {"multiplier": 99}}, reader=sample_2)[0].register_wh is None


@pytest.mark.parametrize("broken", [None, "x", [1], [{}], [{"sampledValue": 5}], [{"sampledValue": [None]}]])
def test_what_holds_no_sample_holds_no_reading(broken: Any) -> None:
    assert read_meter_values(broken, sample_16, received_at=NOW, zone=None) == ()
