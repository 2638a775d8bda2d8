"""Frames: nothing a charger sends raises, and numbers keep their digits."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_bridge.faults import Fault
from ocpp_bridge.frames import (
    Call,
    CallError,
    CallResult,
    Unreadable,
    encode_call,
    encode_error,
    encode_result,
    parse,
    plain,
    storable,
)


def test_a_call_keeps_every_digit() -> None:
    frame = parse('[2,"1","MeterValues",{"a":9223372036854775808123,"b":0.1,"c":12.0,"d":1e400,"e":"1"}]')
    assert isinstance(frame, Call)
    assert frame.payload == {
        "a": 9223372036854775808123,
        "b": Decimal("0.1"),
        "c": Decimal("12.0"),
        "d": "1e400",
        "e": "1",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('\ufeff [2,"1","Heartbeat",{}]\x00', Call("1", "Heartbeat", {})),
        ('[2,7,"Heartbeat",null]', Call(7, "Heartbeat", {})),
        ('[2,"1","X",{"transactionId":,"b":1}]', Call("1", "X", {"transactionId": None, "b": 1}, repaired=True)),
        ('[2,"1","X",{"b":1,"transactionId": }]', Call("1", "X", {"b": 1, "transactionId": None}, repaired=True)),
        (',[3,"1",{"status":"Accepted"}]', CallResult("1", {"status": "Accepted"})),
        ('[3,"1",null]', CallResult("1", {})),
        ('[4,"1","NotSupported"]', CallError("1", "NotSupported", "")),
        ('[4,"1"]', CallError("1", "GenericError", "")),
    ],
)
def test_known_oddities_are_read(text: str, expected: Any) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message_id", "fault", "answers"),
    [
        ("", None, Fault.RPC, None),
        ("NaN", None, Fault.RPC, None),
        ("{}", None, Fault.RPC, None),
        ("[" * 5000, None, Fault.RPC, None),
        ('[true,"1","X",{}]', None, Fault.RPC, None),
        ('[2,["1"],"X",{}]', None, Fault.RPC, None),
        ('[2,"1"]', "1", Fault.FORMAT, None),
        ('[2,"1",["X"],{}]', "1", Fault.FORMAT, None),
        ('[2,"1","X",[]]', "1", Fault.FORMAT, None),
        ('[5,"1","X","",{}]', "1", Fault.MESSAGE_TYPE, None),
        ('[3,"1",[]]', "1", Fault.FORMAT, "1"),
        ('[3,"1",{"status":"Acc', None, Fault.RPC, "1"),
        ('[2,"1","X",{"a":"\\ud800"}]', None, Fault.RPC, None),
    ],
)
def test_what_is_no_message_says_why(text: str, message_id: Any, fault: Fault, answers: str | None) -> None:
    frame = parse(text)
    assert isinstance(frame, Unreadable)
    assert (frame.message_id, frame.fault, frame.answers) == (message_id, fault, answers)


def test_nul_is_replaced_in_values_but_not_in_the_echoed_id() -> None:
    frame = parse('[2,"\\u0000","X",{"a\\u0000":["\\u0000"]}]')
    assert frame == Call("\x00", "X", {"a\ufffd": ["\ufffd"]})
    assert storable("a\x00b\ud800") == "a\ufffdb\ufffd"


@given(st.text())
def test_no_text_raises(text: str) -> None:
    parse(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@given(st.lists(json_values, max_size=5))
def test_no_array_raises(items: list[Any]) -> None:
    parse(json.dumps([2, *items]))
    parse(json.dumps(items))


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_payloads_survive_as_evidence(payload: dict[str, Any]) -> None:
    text = json.dumps([2, "1", "X", payload])
    frame = parse(text)
    if "\\u0000" in text or "\\ud" in text:
        return
    assert isinstance(frame, Call)
    if not any(abs(n) > 1e39 or 0 < abs(n) < 1e-39 for n in numbers(payload)):
        assert exact(plain(frame.payload)) == exact(payload)


def exact(value: Any) -> Any:
    """Return a value with each number as the decimal its shortest text names."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def numbers(value: Any) -> list[float]:
    """Return every number within a value."""
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [value] if isinstance(value, float) else []


def test_what_we_send_is_ocpp_j() -> None:
    assert json.loads(encode_call("1", "Reset", {"type": "Soft"})) == [2, "1", "Reset", {"type": "Soft"}]
    assert json.loads(encode_result(7, {})) == [3, 7, {}]
    error = json.loads(encode_error("1", "InternalError", "x" * 300))
    assert error == [4, "1", "InternalError", "x" * 255, {}]
