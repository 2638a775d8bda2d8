"""A priced session as plain JSON values, for storage, the command line and the receipt's snapshot.

`exact` holds the totals as rationals ("n/d") and is the figure to compare; all other amounts are decimal text to six
places, rounded for reading only. Energy is kWh, time seconds; null is unknown.
"""

from datetime import datetime
from fractions import Fraction
from typing import Any

from app.domain.tariffs.model import Dimension
from app.domain.tariffs.session import PricedLine, PricedSession, Totals
from app.kit.money import Money, round_half_up

_PLACES = 6


def priced_json(priced: PricedSession) -> dict[str, Any]:
    """Return the priced session as JSON values."""
    totals = Totals(priced.total_excl, priced.total_incl)
    headings = ("fixed", "energy", "time", "parking", "reservation")
    costs = {heading: getattr(priced.costs, heading).excl for heading in headings}
    report: dict[str, Any] = {
        "currency": priced.currency,
        "total_excl": _decimal(totals.excl),
        "total_incl": _decimal(totals.incl),
        "exact": _exact(totals),
        "rounded_half_up": {
            "excl": _money(totals.excl, priced.currency),
            "incl": _money(totals.incl, priced.currency),
        },
        "costs_excl": None if None in costs.values() else {name: _decimal(cost) for name, cost in costs.items()},
        "billed": {
            "energy_kwh": _decimal(priced.billed.energy_wh / 1000),
            "time_s": _decimal(priced.billed.time_s),
            "parking_s": _decimal(priced.billed.parking_s),
            "reservation_s": _decimal(priced.billed.reservation_s),
        },
        "lines": [_line(line) for line in priced.lines],
        "unpriced": {str(name): _decimal(_quantity(name, amount)) for name, amount in priced.unpriced.items()},
        "idle_grace_s": _decimal(priced.idle_grace_s),
        "limit_applied": None if priced.limit_applied is None else str(priced.limit_applied),
    }
    if priced.limit_applied is not None:
        before = priced.before_limit
        report["before_limit"] = {"excl": _decimal(before.excl), "incl": _decimal(before.incl)}
    return report


def _line(line: PricedLine) -> dict[str, Any]:
    unit = {Dimension.ENERGY: "kwh", Dimension.FLAT: "count"}.get(line.dimension, "seconds")
    return {
        "dimension": str(line.dimension),
        "context": str(line.context),
        "tariff_id": line.tariff_id,
        "element_index": line.element_index,
        "component_index": line.component_index,
        "from": _instant(line.start),
        "to": _instant(line.end),
        unit: _decimal(_quantity(line.dimension, line.billed)),
        f"{unit}_before_step": _decimal(_quantity(line.dimension, line.quantity)),
        "step_size": line.step_size,
        "unit_price": _decimal(Fraction(line.unit_price), 12),
        "tax_included": line.tax_included,
        "vat": None if line.tax_rate is None else _decimal(Fraction(line.tax_rate), 12),
        "amount_excl": _decimal(line.amount_excl),
        "amount_incl": _decimal(line.amount_incl),
    }


def _quantity(dimension: Dimension, amount: Fraction) -> Fraction:
    return amount / 1000 if dimension is Dimension.ENERGY else amount


def _exact(totals: Totals) -> dict[str, str | None]:
    return {
        "excl": None if totals.excl is None else str(totals.excl),
        "incl": None if totals.incl is None else str(totals.incl),
    }


def _money(amount: Fraction | None, currency: str) -> str | None:
    return None if amount is None else str(Money.from_exact(amount, currency).major)


def _decimal(amount: Fraction | None, places: int = _PLACES) -> str | None:
    """Return decimal text rounded half up, without trailing zeros."""
    if amount is None:
        return None
    scaled = round_half_up(amount * 10**places)
    whole, part = divmod(abs(scaled), 10**places)
    digits = f"{part:0{places}}".rstrip("0")
    return ("-" if scaled < 0 else "") + (f"{whole}.{digits}" if digits else str(whole))


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
