"""The tolerant path: quirks are put right, the rest is left to the handler or refused."""

from decimal import Decimal
from typing import Any

import pytest

from ocpp_bridge.faults import Fault
from ocpp_bridge.tolerance import Checked, check_tolerantly
from ocpp_bridge.v16.version import V16
from ocpp_bridge.v201.version import V201

START = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": "2026-11-20T10:00:00Z"}


def check(action: str, payload: dict[str, Any], lenient: frozenset[str] = frozenset()) -> Checked:
    """Check a request of 1.6."""
    return check_tolerantly(payload, lambda p: V16.schemas.request_errors(action, p), lenient)


def test_a_valid_payload_is_passed_through() -> None:
    assert check("StartTransaction", START) == Checked(START)


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        ({"meterStart": Decimal("12.0")}, {"meterStart": 12}),
        ({"meterStart": " 12 "}, {"meterStart": 12}),
        ({"connectorId": "1"}, {"connectorId": 1}),
        ({"idTag": 1234}, {"idTag": "1234"}),
        ({"idTag": Decimal("1E+3")}, {"idTag": "1000"}),
        ({"idTag": "X" * 21}, {"idTag": "X" * 21}),
        ({"extra": {"a": 1}}, {"extra": {"a": 1}}),
    ],
)
def test_quirks_are_put_right_and_recorded(change: dict[str, Any], usable: dict[str, Any]) -> None:
    sent = START | change
    checked = check("StartTransaction", sent)
    assert checked.payload == START | usable
    assert checked.fatal is None
    assert checked.violations
    assert sent == START | change  # what came is evidence and stays


def test_null_means_absent() -> None:
    checked = check("StartTransaction", START | {"reservationId": None})
    assert checked.payload == START
    assert checked.fatal is None


def test_units_and_lists_are_put_right() -> None:
    value = {"timestamp": "t", "sampledValue": {"value": 1, "unit": "Hz", "measurand": "frequency"}}
    checked = check("MeterValues", {"connectorId": 1, "meterValue": value})
    [meter_value] = checked.payload["meterValue"]
    assert meter_value["sampledValue"] == [{"value": "1", "unit": "Hertz", "measurand": "Frequency"}]
    assert checked.fatal is None


@pytest.mark.parametrize(
    ("action", "payload", "fault"),
    [
        ("StartTransaction", {k: v for k, v in START.items() if k != "connectorId"}, Fault.OCCURRENCE),
        ("StartTransaction", START | {"connectorId": {}}, Fault.TYPE),
        ("StartTransaction", START | {"meterStart": "1e99999"}, Fault.TYPE),
        ("StartTransaction", START | {"meterStart": Decimal("12.5")}, Fault.TYPE),
        ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Melting"}, Fault.PROPERTY),
    ],
)
def test_the_unusable_is_refused_with_its_reason(action: str, payload: dict[str, Any], fault: Fault) -> None:
    checked = check(action, payload)
    assert checked.fatal is not None
    assert checked.fatal.fault is fault


def test_what_a_handler_copes_with_is_left_to_it() -> None:
    payload = {k: v for k, v in START.items() if k != "meterStart"}
    checked = check("StartTransaction", payload, frozenset({"meterStart"}))
    assert checked.fatal is None
    assert checked.violations


@pytest.mark.parametrize("version", [V16, V201])
def test_every_handler_has_a_schema(version: Any) -> None:
    assert set(version.handlers) <= version.schemas.actions
    for action in version.schemas.actions:
        version.schemas.request_errors(action, {})
        version.schemas.response_errors(action, {})
