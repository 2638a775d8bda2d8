"""Strict reading of one JSON object: every value is checked and every error names its path.

OCPI leaves out an absent field or sends null; both read as None. A field that nobody asked for is refused, because a
misspelt price limit that is silently ignored is a wrong price. Floats are refused: they are not the number that was
sent.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, cast

from app.domain.tariffs.errors import TariffError

_Value = TypeVar("_Value")
_Enum = TypeVar("_Enum", bound=StrEnum)

MAX_NUMBER = Decimal(10) ** 12
"""Numbers at or above this are refused: no price, energy or duration is that large."""
MAX_DECIMAL_PLACES = 12
_LONGEST_NUMBER = 40
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?")


class Fields:
    """One JSON object being read; `finish` refuses whatever was not asked for."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise TariffError(path, "expected an object")
        fields = cast(Mapping[object, Any], value)
        if not all(isinstance(name, str) for name in fields):
            raise TariffError(path, "field names must be strings")
        self._fields = cast(Mapping[str, Any], value)
        self._asked: set[str] = set()
        self.path = path

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def get(self, name: str, read: Callable[[object, str], _Value]) -> _Value | None:
        """Read an optional field."""
        self._asked.add(name)
        value = self._fields.get(name)
        return None if value is None else read(value, self.at(name))

    def need(self, name: str, read: Callable[[object, str], _Value]) -> _Value:
        """Read a required field."""
        value = self.get(name, read)
        if value is None:
            raise TariffError(self.at(name), "is required")
        return value

    def finish(self) -> None:
        """Refuse fields that OCPI does not know here."""
        unknown = sorted(name for name in self._fields if name not in self._asked)
        if unknown:
            raise TariffError(self.at(unknown[0][:60]), "unknown field")


def number(value: object, path: str) -> Decimal:
    """Read an exact number given as int, Decimal or decimal text."""
    if isinstance(value, float):
        raise TariffError(path, "binary floats are not exact: give the number as int, Decimal or text")
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TariffError(path, "expected a number")
    if isinstance(value, str) and (len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value)):
        raise TariffError(path, "expected a decimal number")
    if isinstance(value, int) and abs(value) >= MAX_NUMBER:
        raise TariffError(path, "number is too large")
    try:
        exact = Decimal(value)
    except InvalidOperation as error:
        raise TariffError(path, "expected a decimal number") from error
    if not exact.is_finite():
        raise TariffError(path, "expected a finite number")
    return _bounded(exact, path)


def _bounded(exact: Decimal, path: str) -> Decimal:
    digits = exact.as_tuple().digits
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    if not any(digits):
        return Decimal(0)
    if len(digits) > _LONGEST_NUMBER or exact.adjusted() >= MAX_NUMBER.adjusted():
        raise TariffError(path, "number is too large")
    trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if -(exponent + trailing) > MAX_DECIMAL_PLACES:
        raise TariffError(path, f"more than {MAX_DECIMAL_PLACES} decimal places")
    return exact


def not_negative(value: object, path: str) -> Decimal:
    """Read an exact number of zero or more."""
    exact = number(value, path)
    if exact < 0:
        raise TariffError(path, "must not be negative")
    return exact


def percentage(value: object, path: str) -> Decimal:
    """Read a tax rate in percent, 0 to 100."""
    exact = not_negative(value, path)
    if exact > 100:  # noqa: PLR2004
        raise TariffError(path, "a tax rate is at most 100 percent")
    return exact


def whole(value: object, path: str) -> int:
    """Read a whole number of zero or more (also 60.0)."""
    exact = not_negative(value, path)
    if exact != exact.to_integral_value():
        raise TariffError(path, "must be a whole number")
    return int(exact)


def text(longest: int, *, shortest: int = 1) -> Callable[[object, str], str]:
    """Return a reader of printable text of a bounded length."""

    def read(value: object, path: str) -> str:
        if not isinstance(value, str):
            raise TariffError(path, "expected text")
        if not shortest <= len(value) <= longest:
            raise TariffError(path, f"must have {shortest} to {longest} characters")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise TariffError(path, "is not valid Unicode text")
        return value

    return read


def one_of(kind: type[_Enum]) -> Callable[[object, str], _Enum]:
    """Return a reader of an enumeration's value."""

    def read(value: object, path: str) -> _Enum:
        if isinstance(value, str):
            try:
                return kind(value)
            except ValueError:
                pass
        raise TariffError(path, f"must be one of {', '.join(kind)}")

    return read


def list_of(read: Callable[[object, str], _Value]) -> Callable[[object, str], tuple[_Value, ...]]:
    """Return a reader of a list whose items are read by `read`."""

    def read_list(value: object, path: str) -> tuple[_Value, ...]:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise TariffError(path, "expected a list")
        items = cast(Sequence[object], value)
        return tuple(read(item, f"{path}[{index}]") for index, item in enumerate(items))

    return read_list


def clock_time(value: object, path: str) -> time:
    """Read a wall-clock time `HH:MM`."""
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise TariffError(path, "expected a time HH:MM, 00:00 to 23:59")
    return time.fromisoformat(value)


def calendar_date(value: object, path: str) -> date:
    """Read a date `YYYY-MM-DD`."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise TariffError(path, "expected a date YYYY-MM-DD")


def instant(value: object, path: str) -> datetime:
    """Read an OCPI DateTime; one without offset is UTC (OCPI 2.2.1 §16.5)."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise TariffError(path, "expected a date-time like 2026-01-31T12:00:00Z")
