"""Amounts, energy and times as a reader of a language expects them, by the CLDR data in babel.

All arithmetic is in integers and Decimal: what is shown is what was billed.
"""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_time, format_timedelta
from babel.numbers import format_currency, format_decimal

from app.kit.money import Money


def format_money(amount: Money, language: str) -> str:
    """Return an amount with its currency sign, for example "12,34 €" or "€12.34"."""
    return format_currency(amount.major, amount.currency, locale=language)


def format_energy(energy_wh: int, language: str) -> str:
    """Return energy given in Wh as kWh with two decimals, half up, for example "12,34 kWh"."""
    kilowatt_hours = (Decimal(energy_wh) / 1000).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{format_decimal(kilowatt_hours, format='#,##0.00', locale=language)}\N{NO-BREAK SPACE}kWh"


def format_local_time(instant: datetime, time_zone: str, language: str) -> str:
    """Return the time of day of an instant in an IANA time zone, for example "14:35" or "2:35 PM"."""
    return format_time(instant, format="short", tzinfo=ZoneInfo(time_zone), locale=language)


def format_duration(duration: timedelta, language: str) -> str:
    """Return a duration in its largest unit, for example "24 Stunden" or "30 minutes"."""
    return format_timedelta(duration, threshold=1.5, locale=language)
