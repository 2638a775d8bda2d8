"""One sampled value in no version's words, and its exact number.

Numbers are Decimal from the wire to the integer: watt-hours and watts are rounded half up once, after scaling. A
bill uses differences of registers, so rounding moves it by less than one watt-hour.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.kit.money import round_half_up

ENERGY_UNITS = {"wh": Decimal(1), "kwh": Decimal(1000), "mwh": Decimal(1_000_000)}
POWER_UNITS = {"w": Decimal(1), "kw": Decimal(1000), "mw": Decimal(1_000_000)}
_LARGEST = Decimal(10) ** 13
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sampled value with OCPP's defaults filled in. `number` is None where the value is no number (signed data)."""

    number: Decimal | None
    measurand: str
    context: str
    phase: str | None
    location: str | None
    unit: str | None
    multiplier: int = 0
    signed: bool = False


def exact_number(value: Any) -> Decimal | None:
    """Return a value's exact number, or None; a decimal comma is understood."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if abs(number) < _LARGEST else None


def scaled(sample: Sample, units: dict[str, Decimal]) -> int | None:
    """Return a sample in the base unit, rounded half up; None where unit, number or range do not allow it."""
    factor = Decimal(1) if sample.unit is None else units.get(sample.unit.strip().lower())
    if factor is None or sample.number is None or abs(sample.multiplier) > 9:  # noqa: PLR2004
        return None
    value = sample.number * factor * Decimal(10) ** sample.multiplier
    return round_half_up(value) if abs(value) < _LARGEST else None


def whole(value: Any) -> int | None:
    """Return a whole number a charger sent as 12, 12.0 or "12"; None for anything else or beyond 64 bits."""
    number = exact_number(value)
    if number is None:
        return None
    return round_half_up(number)
