"""The tolerant path: what chargers get wrong in harmless ways is put right or let pass, and recorded; only the
unusable is refused.

Known quirks: numbers sent as text and text as numbers, 12.0 for 12, null for absent, one object where a list
belongs, values in another case, too long texts, unknown extra fields, the unit "Hz".
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ocpp_bridge.frames import Payload
from ocpp_bridge.schemas import SchemaError

_ROUNDS = 4
_MEANING_MATTERS = frozenset({"status", "eventType"})
_HARMLESS = frozenset({"additionalProperties", "maxLength", "minLength", "multipleOf", "maxItems", "minItems"})
_ALIASES = {"hz": "Hertz", "celsius": "Celsius"}
_NOTHING = object()

Check = Callable[[Payload], list[SchemaError]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A payload as it can be used. `violations` tells what was wrong; `fatal` is set where it cannot be used."""

    payload: Payload
    violations: tuple[str, ...] = ()
    fatal: SchemaError | None = None


def check_tolerantly(payload: Payload, check: Check, lenient: frozenset[str] = frozenset()) -> Checked:
    """Validate a payload; put known quirks right. Faults of the properties in `lenient` are left to the handler."""
    errors = check(payload)
    if not errors:
        return Checked(payload)
    violations = tuple(error.message[:200] for error in errors)
    repaired = copy.deepcopy(payload)
    for _ in range(_ROUNDS):
        if not _repair(repaired, errors):
            break
        errors = check(repaired)
    fatal = next((error for error in errors if not _passes(error, lenient)), None)
    return Checked(repaired, violations, fatal)


def _passes(error: SchemaError, lenient: frozenset[str]) -> bool:
    if error.keyword in _HARMLESS:
        return True
    if error.keyword == "enum":
        return error.name not in _MEANING_MATTERS
    return error.name in lenient


def _repair(payload: Payload, errors: Sequence[SchemaError]) -> bool:
    """Put right what can be; return whether anything changed."""
    changed = False
    for error in errors:
        if not error.path:
            continue
        holder = _holder(payload, error.path)
        if holder is None:
            continue
        key = error.path[-1]
        better = _better(holder[key], error)
        if better is _NOTHING:
            continue
        if better is None and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = better
        changed = True
    return changed


def _holder(payload: Payload, path: tuple[str | int, ...]) -> Any:
    value: Any = payload
    try:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return value


def _better(value: Any, error: SchemaError) -> Any:
    """Return the value put right, None to leave the property out, or _NOTHING where nothing helps."""
    if error.keyword == "enum" and isinstance(value, str):
        wanted = _ALIASES.get(value.strip().lower(), value.strip()).lower()
        return next((option for option in error.options if str(option).lower() == wanted), _NOTHING)
    if error.keyword != "type":
        return _NOTHING
    if value is None:
        return None
    for wanted in error.wanted_types:
        better = _of_type(value, wanted)
        if better is not _NOTHING:
            return better
    return _NOTHING


def _of_type(value: Any, wanted: str) -> Any:
    if wanted == "string" and isinstance(value, int | Decimal | bool):
        return (
            str(value).lower()
            if isinstance(value, bool)
            else format(value, "f")
            if isinstance(value, Decimal)
            else str(value)
        )
    if wanted in ("integer", "number"):
        return _numeric(value, whole=wanted == "integer")
    if wanted == "boolean" and str(value).lower() in ("true", "false", "1", "0"):
        return str(value).lower() in ("true", "1")
    if wanted == "array" and isinstance(value, dict):
        return [value]
    return _NOTHING


def _numeric(value: Any, *, whole: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return _NOTHING
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return _NOTHING
    if not number.is_finite() or abs(number.adjusted()) > 40:  # noqa: PLR2004
        return _NOTHING
    if not whole:
        return number
    return int(number) if number == number.to_integral_value() else _NOTHING
