"""The scalars of the API: what GraphQL's own types would round, overflow or leave open.

`BigInt` is a 64-bit integer as a string, `Decimal` an exact decimal as a string, `DateTime` an instant in UTC.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
"""Minor units, Wh, sequence numbers: GraphQL's Int has 32 bits only."""

_LIMIT = 2**63
_MAX_DIGITS = 40


def _write_big_int(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not -_LIMIT <= value < _LIMIT:
        raise ValueError("a BigInt is a 64-bit integer")
    return str(value)


def _read_big_int(value: Any) -> int:
    number = value
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and value.lstrip("-").isdecimal() and value.isascii():
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int) or not -_LIMIT <= number < _LIMIT:
        raise ValueError("a BigInt is a 64-bit integer, best as a string")
    return number


def _write_decimal(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError("a Decimal is exact")
    return format(value, "f")


def _read_decimal(value: Any) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= _MAX_DIGITS else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError('a Decimal is a string such as "0.5925"')
    return number


def _write_instant(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("an instant has an offset")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_instant(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("a DateTime is ISO 8601 with an offset")
    return moment.astimezone(UTC)


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A 64-bit integer as a string.",
        serialize=_write_big_int,
        parse_value=_read_big_int,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number as a string.",
        serialize=_write_decimal,
        parse_value=_read_decimal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601 in UTC.",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
}
