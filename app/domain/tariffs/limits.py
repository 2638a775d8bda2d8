"""Minimum and maximum price of a session: each limb binds its own total (OCPI 2.3.0 §11.4.5 PriceLimit).

Where one limb is absent, that total moves in proportion, so that the tax share stays what it was.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from app.domain.tariffs.model import PriceLimit, Tariff
from app.domain.tariffs.session import Limit, LimitBounds, Totals


def apply_limits(totals: Totals, tariff: Tariff, tax_factor: Fraction | None) -> tuple[Totals, Limit | None]:
    """Return the limited totals and which limit decided; the maximum has the last word.

    `tax_factor` (1 + rate) serves where there is nothing to scale: a minimum price for a session that cost nothing.
    """
    applied: Limit | None = None
    for limit, name, pick in ((tariff.min_price, Limit.MIN_PRICE, max), (tariff.max_price, Limit.MAX_PRICE, min)):
        if limit is None:
            continue
        limited = _limited(totals, limit, pick, tax_factor)
        if limited != totals:
            totals, applied = limited, name
    return totals, applied


def limit_bounds(tariff: Tariff, outside: Totals) -> LimitBounds:
    """Return floor and ceiling of the whole document; `outside` is the part that limits do not cover."""
    floor = _bound(tariff.min_price, outside)
    ceiling = _bound(tariff.max_price, outside)
    return LimitBounds(Totals(_lower(floor.excl, ceiling.excl), _lower(floor.incl, ceiling.incl)), ceiling)


def _limited(
    totals: Totals, limit: PriceLimit, pick: Callable[[Fraction, Fraction], Fraction], tax_factor: Fraction | None
) -> Totals:
    excl = _picked(totals.excl, limit.before_taxes, pick)
    incl = _picked(totals.incl, limit.after_taxes, pick)
    if limit.after_taxes is None and excl is not None and excl != totals.excl and incl is not None:
        incl = incl * excl / totals.excl if totals.excl else _product(excl, tax_factor)
    elif limit.before_taxes is None and incl is not None and incl != totals.incl and excl is not None:
        excl = excl * incl / totals.incl if totals.incl else _product(incl, tax_factor and 1 / tax_factor)
    return Totals(excl, incl)


def _picked(
    total: Fraction | None, bound: Decimal | None, pick: Callable[[Fraction, Fraction], Fraction]
) -> Fraction | None:
    if total is None or bound is None:
        return total
    return pick(total, Fraction(bound))


def _product(amount: Fraction, factor: Fraction | None) -> Fraction | None:
    return None if factor is None else amount * factor


def _bound(limit: PriceLimit | None, outside: Totals) -> Totals:
    if limit is None:
        return Totals(None, None)
    before, after = limit.before_taxes, limit.after_taxes
    return Totals(
        None if before is None or outside.excl is None else Fraction(before) + outside.excl,
        None if after is None or outside.incl is None else Fraction(after) + outside.incl,
    )


def _lower(floor: Fraction | None, ceiling: Fraction | None) -> Fraction | None:
    return floor if floor is None or ceiling is None else min(floor, ceiling)
