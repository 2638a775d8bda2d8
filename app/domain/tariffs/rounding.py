"""The one place where a price is rounded: from exact amounts to the money of a document.

OCPI has no rule for rounding prices; this is Voltlane's. Tax-exclusive prices: per tax rate the net is rounded, the tax
is computed from it and rounded, then all is added. Tax-inclusive prices: per tax rate the gross is rounded, the tax is
extracted and rounded, the net is the difference, so that the amount a driver was shown is the amount of the document.
A half cent goes away from zero. Always net + vat = gross, in every line and in total.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.domain.tariffs.session import Limit, PricedLine, PricedSession
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class VatLine:
    """The document's amounts at one tax rate (percent; None: no rate is stated).

    `adjustment` names the limit when the line is what a minimum added or a maximum took away, else it is None.
    """

    rate: Decimal | None
    net: Money
    vat: Money
    gross: Money
    adjustment: Limit | None = None


@dataclass(frozen=True, slots=True)
class InvoiceTotals:
    """The money of a document; the card is captured for exactly `gross`.

    The VAT lines add up to the totals. `tax_unknown`: prices contain tax at a rate nobody stated, so `vat` does not
    show it. `rounding_amount` is what an e-invoice carries as BT-114 (EN 16931): gross minus what net and rate
    recompute to.
    """

    net: Money
    vat: Money
    gross: Money
    vat_lines: tuple[VatLine, ...]
    rounding_amount: Money
    tax_unknown: bool

    @property
    def adjustment(self) -> VatLine | None:
        """The line of a minimum or maximum price, if one applied."""
        return next((line for line in self.vat_lines if line.adjustment is not None), None)


def invoice_totals(priced: PricedSession, currency: str) -> InvoiceTotals:
    """Round a priced session to money. Raises CurrencyMismatchError when it is in another currency."""
    zero = Money.zero(currency)
    if priced.currency != currency:
        zero += Money.zero(priced.currency)
    lines = _vat_lines(priced.lines, currency)
    adjustment = _adjustment(priced, _total(lines, zero), currency)
    if adjustment is not None:
        lines.append(adjustment)
    total = _total(lines, zero)
    recomputed = zero
    for line in lines:
        recomputed += line.net + (
            line.vat if line.adjustment else Money.from_exact(_tax(line.net, line.rate), currency)
        )
    return InvoiceTotals(
        net=total.net,
        vat=total.vat,
        gross=total.gross,
        vat_lines=tuple(lines),
        rounding_amount=total.gross - recomputed,
        tax_unknown=priced.total_excl is None or priced.total_incl is None,
    )


def _vat_lines(lines: Iterable[PricedLine], currency: str) -> list[VatLine]:
    """Return the rounded amounts per tax rate, lowest rate first, unstated last."""
    groups: dict[tuple[Decimal | None, bool], Fraction] = {}
    for line in lines:
        amount = line.amount_incl if line.tax_included else line.amount_excl
        assert amount is not None, "the published side of a price is always known"
        key = (line.tax_rate, line.tax_included)
        groups[key] = groups.get(key, Fraction(0)) + amount
    ordered = sorted(groups.items(), key=lambda item: (item[0][0] is None, item[0][0] or 0, item[0][1]))
    return [_rounded(amount, rate, tax_included, currency) for (rate, tax_included), amount in ordered]


def _rounded(amount: Fraction, rate: Decimal | None, tax_included: bool, currency: str) -> VatLine:
    rounded = Money.from_exact(amount, currency)
    if not tax_included:
        vat = Money.from_exact(_tax(rounded, rate), currency)
        return VatLine(rate, rounded, vat, rounded + vat)
    percent = Fraction(rate or 0)
    vat = Money.from_exact(Fraction(rounded.major) * percent / (100 + percent), currency)
    return VatLine(rate, rounded - vat, vat, rounded)


def _tax(net: Money, rate: Decimal | None) -> Fraction:
    return Fraction(net.major) * Fraction(rate or 0) / 100


def _total(lines: Iterable[VatLine], zero: Money) -> VatLine:
    net, vat, gross = zero, zero, zero
    for line in lines:
        net, vat, gross = net + line.net, vat + line.vat, gross + line.gross
    return VatLine(None, net, vat, gross)


def _adjustment(priced: PricedSession, total: VatLine, currency: str) -> VatLine | None:
    """Return what brings the rounded lines to the limited total, or keeps their rounding inside the limits."""
    limit = priced.limit_applied
    if limit is None:
        limit, net, gross = _held_inside(priced, total, currency)
    else:
        net = _money(priced.total_excl, currency, total.net)
        gross = _money(priced.total_incl, currency, total.gross)
        if priced.total_excl is None:
            net = gross
        elif priced.total_incl is None:
            gross = net
    if limit is None or (net == total.net and gross == total.gross):
        return None
    net_change, gross_change = net - total.net, gross - total.gross
    rate = _only_rate(priced, net_change, gross_change, currency)
    return VatLine(rate, net_change, gross_change - net_change, gross_change, limit)


def _held_inside(priced: PricedSession, total: VatLine, currency: str) -> tuple[Limit | None, Money, Money]:
    """Rounding several rates must not carry a total over the published maximum, or under the minimum."""
    net, gross = total.net, total.gross
    limit: Limit | None = None
    for bounds, name, pick in (
        (priced.bounds.floor, Limit.MIN_PRICE, max),
        (priced.bounds.ceiling, Limit.MAX_PRICE, min),
    ):
        held_net = pick(net, _money(bounds.excl, currency, net))
        held_gross = pick(gross, _money(bounds.incl, currency, gross))
        if (held_net, held_gross) != (net, gross):
            net, gross, limit = held_net, held_gross, name
    return limit, net, gross


def _only_rate(priced: PricedSession, net: Money, gross: Money, currency: str) -> Decimal | None:
    """Return the session's single rate if it explains the adjustment's tax; a rate is never invented."""
    rates = {line.tax_rate for line in priced.lines}
    rate = next(iter(rates)) if len(rates) == 1 else None
    if rate is None or abs((gross - net - Money.from_exact(_tax(net, rate), currency)).minor) > 1:
        return None
    return rate


def _money(amount: Fraction | None, currency: str, otherwise: Money) -> Money:
    return otherwise if amount is None else Money.from_exact(amount, currency)
