"""The explanation of a price as it is stored with a session and printed on its receipt.

One line for each distinct price, amounts in minor units. The lines of a VAT rate add up to that rate's amounts, and
the VAT rows to the document's totals, to the cent: rounding differences fall where the running sum passes them, never
into a line of their own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

from app.domain.tariffs import (
    Dimension,
    InvoiceTotals,
    PricedLine,
    PricedSession,
    Tariff,
    VatLine,
    content_hash,
)
from app.kit.money import minor_unit_exponent, round_half_up

_UNITS = {
    Dimension.ENERGY: ("kWh", "kWh", 1000),
    Dimension.TIME: ("s", "h", 1),
    Dimension.PARKING_TIME: ("s", "h", 1),
    Dimension.FLAT: ("session", "session", 1),
}
_QUANTITY_PLACES = 6


@dataclass(frozen=True, slots=True)
class RatedLine:
    """One price and what was billed at it.

    `component` and `context` are OCPI's dimension and `session` or `reservation`. `quantity` (after step size) is in
    `unit`: kWh, s or session; `unit_price` is as published, for one `price_per`: kWh, h or session, with tax where
    `tax_included`.
    """

    component: str
    context: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    price_per: str
    tax_included: bool
    vat_rate: Decimal | None
    net: int
    gross: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class VatRow:
    """The document's amounts at one VAT rate in percent (None: not one rate), what a limit added or took included."""

    rate: Decimal | None
    net: int
    vat: int
    gross: int


@dataclass(frozen=True, slots=True)
class LimitLine:
    """What a minimum price added or a maximum price took away; `kind` is `min_price` or `max_price`."""

    kind: str
    net: int
    gross: int


@dataclass(frozen=True, slots=True)
class RatedTariff:
    """The frozen tariff the price was made by: its id, the SHA-256 of its content, and the content."""

    id: str
    hash: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RatingDetail:
    """A price, explained. Everything is empty for a session that was free."""

    currency: str
    lines: tuple[RatedLine, ...] = ()
    vat: tuple[VatRow, ...] = ()
    limit: LimitLine | None = None
    tariff: RatedTariff | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: decimals and times as text."""
        return {
            "currency": self.currency,
            "lines": [_stored_line(line) for line in self.lines],
            "vat": [{**asdict(row), "rate": _text(row.rate)} for row in self.vat],
            "limit": asdict(self.limit) if self.limit else None,
            "tariff": asdict(self.tariff) if self.tariff else None,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any], currency: str) -> "RatingDetail":
        """Read the stored form; parts that are absent are empty."""
        limit, tariff = document.get("limit"), document.get("tariff")
        return cls(
            currency=document.get("currency", currency),
            lines=tuple(_read_line(line) for line in document.get("lines", ())),
            vat=tuple(replace(VatRow(**row), rate=_decimal(row["rate"])) for row in document.get("vat", ())),
            limit=LimitLine(**limit) if limit else None,
            tariff=RatedTariff(**tariff) if tariff else None,
        )


def rating_detail(priced: PricedSession, totals: InvoiceTotals, tariff: Tariff) -> RatingDetail:
    """Explain a priced session whose money is `totals`."""
    currency = totals.gross.currency
    adjustment = totals.adjustment
    lines = [
        line
        for row in totals.vat_lines
        if row.adjustment is None
        for line in _lines_of(row, _merged(priced.lines, row.rate), currency)
    ]
    return RatingDetail(
        currency=currency,
        lines=tuple(sorted(lines, key=lambda line: (line.start, line.component))),
        vat=_vat_rows(totals.vat_lines),
        limit=LimitLine(adjustment.adjustment.value, adjustment.net.minor, adjustment.gross.minor)
        if adjustment and adjustment.adjustment
        else None,
        tariff=RatedTariff(tariff.id, content_hash(tariff), tariff.to_json()),
    )


def _merged(lines: Sequence[PricedLine], rate: Decimal | None) -> list[list[PricedLine]]:
    """Return the lines of a tax rate, grouped by distinct price."""
    groups: dict[tuple[Any, ...], list[PricedLine]] = {}
    for line in lines:
        if line.tax_rate == rate:
            key = (line.dimension, line.context, line.tariff_id, line.unit_price, line.tax_included)
            groups.setdefault(key, []).append(line)
    return list(groups.values())


def _lines_of(row: VatLine, groups: list[list[PricedLine]], currency: str) -> list[RatedLine]:
    """Return a tax rate's lines; their rounded amounts add up to the rate's."""
    net = _spread([_sum(line.amount_excl for line in group) for group in groups], row.net.minor, currency)
    gross = _spread([_sum(line.amount_incl for line in group) for group in groups], row.gross.minor, currency)
    return [_line(group, net[index], gross[index]) for index, group in enumerate(groups)]


def _sum(amounts: Any) -> Fraction:
    return sum((amount or Fraction(0) for amount in amounts), Fraction(0))


def _spread(exact: list[Fraction], total_minor: int, currency: str) -> list[int]:
    """Round exact amounts in major units to minor units that add up to the total."""
    scale = 10 ** minor_unit_exponent(currency)
    sums = [round_half_up(part * scale) for part in accumulate(exact)]
    if sums:
        sums[-1] = total_minor
    return [after - before for before, after in zip([0, *sums], sums, strict=False)]


def _line(group: list[PricedLine], net: int, gross: int) -> RatedLine:
    first = group[0]
    unit, price_per, size = _UNITS[first.dimension]
    return RatedLine(
        component=first.dimension.value,
        context=first.context.value,
        quantity=_quantity(sum((line.billed for line in group), Fraction(0)) / size),
        unit=unit,
        unit_price=first.unit_price,
        price_per=price_per,
        tax_included=first.tax_included,
        vat_rate=first.tax_rate,
        net=net,
        gross=gross,
        start=min(line.start for line in group),
        end=max(line.end for line in group),
    )


def _quantity(exact: Fraction) -> Decimal:
    """Return a quantity with at most six decimal places; money is computed from the exact one."""
    text = format(Decimal(round_half_up(exact * 10**_QUANTITY_PLACES)).scaleb(-_QUANTITY_PLACES), "f")
    return Decimal(text.rstrip("0").rstrip("."))


def _vat_rows(lines: Sequence[VatLine]) -> tuple[VatRow, ...]:
    rows: dict[Decimal | None, VatRow] = {}
    for line in lines:
        row = rows.get(line.rate, VatRow(line.rate, 0, 0, 0))
        rows[line.rate] = VatRow(
            line.rate, row.net + line.net.minor, row.vat + line.vat.minor, row.gross + line.gross.minor
        )
    return tuple(rows.values())


def _stored_line(line: RatedLine) -> dict[str, Any]:
    return {
        **asdict(line),
        "quantity": format(line.quantity, "f"),
        "unit_price": format(line.unit_price, "f"),
        "vat_rate": _text(line.vat_rate),
        "start": line.start.isoformat(),
        "end": line.end.isoformat(),
    }


def _read_line(stored: dict[str, Any]) -> RatedLine:
    read: dict[str, Any] = {
        **stored,
        "quantity": Decimal(stored["quantity"]),
        "unit_price": Decimal(stored["unit_price"]),
        "vat_rate": _decimal(stored["vat_rate"]),
        "start": datetime.fromisoformat(stored["start"]),
        "end": datetime.fromisoformat(stored["end"]),
    }
    return RatedLine(**read)


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else format(rate, "f")


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
