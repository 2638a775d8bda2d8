"""OCPP-J frames: text to values and back, whatever a charger sends.

Parsing never raises: what cannot be read becomes `Unreadable`, with the message id where one can be made out.
Numbers keep every digit: integers of any size, fractions as Decimal.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from ocpp_bridge.faults import Fault

Payload = dict[str, Any]
MessageId = str | int

_CALL, _RESULT, _ERROR = 2, 3, 4
_LEAST_ITEMS = {_CALL: 4, _RESULT: 3, _ERROR: 4}
_LARGEST_EXPONENT = 40
_MISSING_VALUE = re.compile(r'("[A-Za-z]\w*"\s*:)(?=\s*[,}])')
_ANSWER_START = re.compile(r'^[\s,\[]*[34]\s*,\s*"([^"]{1,255})"')
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Call:
    """A request; the id is echoed as it came, be it text or number."""

    message_id: MessageId
    action: str
    payload: Payload
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request of ours."""

    message_id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class CallError:
    """The refusal of a request of ours."""

    message_id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame that is no message. `answers` names the request of ours that a broken answer was meant for."""

    message_id: MessageId | None
    fault: Fault
    description: str
    answers: str | None = None


Frame = Call | CallResult | CallError | Unreadable


def _number(text: str) -> Decimal | str:
    """Read a fraction exactly; one of absurd magnitude stays text, so that nobody computes with it."""
    value = Decimal(text)
    return value if abs(value.adjusted()) <= _LARGEST_EXPONENT else text


_decoder = msgspec.json.Decoder(float_hook=_number)


def parse(text: str) -> Frame:
    """Read one frame."""
    cleaned = text.strip("\ufeff\x00 \t\r\n")
    repaired = False
    value = _decode(cleaned)
    if isinstance(value, msgspec.DecodeError):
        # Seen in the field: `"transactionId":,` and a comma before the array.
        cleaned = _MISSING_VALUE.sub(r"\1null", cleaned.lstrip(", "))
        repaired = True
        value = _decode(cleaned)
    if isinstance(value, msgspec.DecodeError):
        answered = _ANSWER_START.match(text)
        return Unreadable(None, Fault.RPC, f"not JSON: {value}", answered.group(1) if answered else None)
    if "\\u0000" in cleaned and isinstance(value, list):
        value[2:] = _without_nul(value[2:])  # the id is echoed as it came
    return _frame(value, repaired)


def _decode(text: str) -> Any:
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        return error
    except (RecursionError, UnicodeError, ValueError, ArithmeticError) as error:
        return msgspec.DecodeError(str(error))


def _frame(value: Any, repaired: bool) -> Frame:
    if not isinstance(value, list) or not value:
        return Unreadable(None, Fault.RPC, "a message is a JSON array")
    kind = value[0]
    if isinstance(kind, bool) or not isinstance(kind, int):
        return Unreadable(None, Fault.RPC, "the message type is a number")
    message_id = value[1] if len(value) > 1 else None
    if isinstance(message_id, bool) or not isinstance(message_id, str | int):
        return Unreadable(None, Fault.RPC, "the message id is a string")
    if kind not in _LEAST_ITEMS:
        return Unreadable(message_id, Fault.MESSAGE_TYPE, f"message type {kind}")
    if kind == _CALL:
        return _call(message_id, value, repaired)
    return _answer(kind, str(message_id), value)


def _call(message_id: MessageId, value: list[Any], repaired: bool) -> Frame:
    if len(value) < _LEAST_ITEMS[_CALL]:
        return Unreadable(message_id, Fault.FORMAT, "a CALL has four items")
    action, payload = value[2], value[3]
    if not isinstance(action, str):
        return Unreadable(message_id, Fault.FORMAT, "the action is a string")
    if payload is None:
        payload = {}
    if not isinstance(payload, dict):
        return Unreadable(message_id, Fault.FORMAT, "the payload is an object")
    return Call(message_id, action, payload, repaired)


def _answer(kind: int, message_id: str, value: list[Any]) -> Frame:
    if kind == _ERROR:
        code, description = (*(str(item) for item in value[2:4]), "", "")[:2]
        return CallError(message_id, code or "GenericError", description)
    payload = value[2] if len(value) > 2 else {}  # noqa: PLR2004
    if payload is None:
        payload = {}
    if not isinstance(payload, dict):
        return Unreadable(message_id, Fault.FORMAT, "the payload is an object", answers=message_id)
    return CallResult(message_id, payload)


def _without_nul(value: Any) -> Any:
    """PostgreSQL stores no NUL character: replace it by U+FFFD."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value


def storable(text: str) -> str:
    """Return text that PostgreSQL can store."""
    return _SURROGATE.sub("\ufffd", text.replace("\x00", "\ufffd"))


def plain(value: Any) -> Any:
    """Return a payload as evidence in JSON's own types: Decimals as the numbers they were on the wire."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def encode_call(message_id: str, action: str, payload: Payload) -> str:
    """Return a CALL."""
    return _encode([_CALL, message_id, action, payload])


def encode_result(message_id: MessageId, payload: Payload) -> str:
    """Return a CALLRESULT."""
    return _encode([_RESULT, message_id, payload])


def encode_error(message_id: MessageId, code: str, description: str) -> str:
    """Return a CALLERROR; descriptions are at most 255 characters long."""
    return _encode([_ERROR, message_id, code, description[:255], {}])


def _encode(value: list[Any]) -> str:
    return msgspec.json.encode(value).decode()
