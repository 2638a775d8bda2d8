"""All published cases, exactly: totals, headings, billed quantities, unpriced, limits, every line, and the invoice."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.domain.tariffs import Dimension, PricedSession, Totals, content_hash, invoice_totals, parse_tariff
from app.kit.money import Money
from tests.unit.tariffs.vectors import CASE_FILES, exact, load

all_cases = pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.stem)
LineKey = tuple[str, str, str, int, int, Decimal]


def test_all_published_cases_are_here() -> None:
    assert len(CASE_FILES) == 91


@all_cases
def test_totals_are_exact(file: Path) -> None:
    case = load(file)
    priced = case.price()
    expected = case.expected["exact"]
    assert (priced.total_excl, priced.total_incl) == (exact(expected["excl"]), exact(expected["incl"]))
    assert priced.limit_applied == case.expected["limit_applied"]
    if "before_limit" in case.expected:
        before = case.expected["before_limit"]
        assert priced.before_limit == Totals(exact(before["excl"]), exact(before["incl"]))


@all_cases
def test_rounded_totals(file: Path) -> None:
    case = load(file)
    priced = case.price()
    for side, total in (("excl", priced.total_excl), ("incl", priced.total_incl)):
        rounded = case.expected["rounded_half_up"][side]
        assert (None if total is None else Money.from_exact(total, priced.currency).major) == (
            None if rounded is None else Decimal(rounded)
        )


@all_cases
def test_quantities_and_unpriced(file: Path) -> None:
    case = load(file)
    priced = case.price()
    billed = case.expected["billed"]
    assert priced.billed.energy_wh == Fraction(billed["energy_kwh"]) * 1000
    assert priced.billed.time_s == Fraction(billed["time_s"])
    assert priced.billed.parking_s == Fraction(billed["parking_s"])
    assert priced.billed.reservation_s == Fraction(billed["reservation_s"])
    units = {dimension: 1000 if dimension is Dimension.ENERGY else 1 for dimension in Dimension}
    assert {name: amount / units[name] for name, amount in priced.unpriced.items()} == {
        Dimension(name): Fraction(amount) for name, amount in case.expected["unpriced"].items()
    }


@all_cases
def test_headings(file: Path) -> None:
    case = load(file)
    costs = case.price().costs
    expected = case.expected["costs_excl"]
    for heading in ("fixed", "energy", "time", "parking", "reservation"):
        excl = getattr(costs, heading).excl
        if expected is None:
            assert excl in (None, 0)
        else:
            assert _six_places(excl) == Fraction(expected[heading])


@all_cases
def test_lines(file: Path) -> None:
    case = load(file)
    priced = case.price()
    actual = dict(_merged(_actual_lines(priced)))
    expected = dict(_merged(_expected_lines(case.expected["lines"])))
    assert actual.keys() == expected.keys()
    for key, (quantity, amount) in expected.items():
        assert actual[key][0] == quantity
        # The published amounts are printed to six places.
        assert abs(actual[key][1] - amount) <= Fraction(len(case.expected["lines"]), 1_000_000)
    starts = {line.start for line in priced.lines}
    assert starts <= {datetime.fromisoformat(line["from"]) for line in case.expected["lines"]}


@all_cases
def test_invoice(file: Path) -> None:
    case = load(file)
    priced = case.price()
    invoice = invoice_totals(priced, priced.currency)
    assert invoice.net + invoice.vat == invoice.gross
    expected = case.expected.get("invoice_en16931_style")
    if expected is None:
        return
    assert (invoice.net.major, invoice.gross.major) == (Decimal(expected["net"]), Decimal(expected["gross"]))
    assert [(line.rate, line.net.major, line.vat.major) for line in invoice.vat_lines] == [
        (None if line["vat"] is None else Decimal(line["vat"]), Decimal(line["taxable"]), Decimal(line["tax"]))
        for line in expected["vat_breakdown"]
    ]


@all_cases
def test_canonical_json_round_trips(file: Path) -> None:
    for tariff in map(parse_tariff, load(file).tariffs):
        again = parse_tariff(tariff.to_json())
        assert again == tariff
        assert content_hash(again) == content_hash(tariff)


def _six_places(amount: Fraction) -> Fraction:
    return Fraction(Money.from_exact(amount * 10_000, "EUR").minor, 1_000_000)


def _actual_lines(priced: PricedSession) -> Iterator[tuple[LineKey, Fraction, Fraction]]:
    for line in priced.lines:
        amount = line.amount_incl if line.tax_included else line.amount_excl
        assert amount is not None
        quantity = line.billed / 1000 if line.dimension is Dimension.ENERGY else line.billed
        position = (line.tariff_id, line.element_index, line.component_index)
        yield (line.dimension, line.context, *position, line.unit_price), quantity, amount


def _expected_lines(lines: list[dict[str, Any]]) -> Iterator[tuple[LineKey, Fraction, Fraction]]:
    for line in lines:
        quantity = line.get("kwh") or line.get("seconds") or line["count"]
        position = (line["tariff_id"], line["element_index"], line["component_index"])
        key = (line["dimension"], line["context"], *position, Decimal(line["unit_price"]))
        yield key, Fraction(quantity), Fraction(line["amount"])


def _merged(
    lines: Iterator[tuple[LineKey, Fraction, Fraction]],
) -> Iterator[tuple[LineKey, tuple[Fraction, Fraction]]]:
    """Add up the lines of one component: where a line is split is the reader's choice."""
    sums: dict[LineKey, tuple[Fraction, Fraction]] = {}
    for key, quantity, amount in lines:
        before = sums.get(key, (Fraction(0), Fraction(0)))
        sums[key] = (before[0] + quantity, before[1] + amount)
    yield from sums.items()
