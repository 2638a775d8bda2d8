"""Limits and the one place of rounding: what the driver was shown is what the document says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.tariffs import (
    Limit,
    MissingTaxRate,
    PricedSession,
    RatingPolicy,
    Stretch,
    StretchState,
    invoice_totals,
    parse_tariff,
    rate,
    simple_tariff,
)
from app.kit.money import CurrencyMismatchError, Money

UTC_ZONE = ZoneInfo("UTC")
START = datetime(2026, 1, 15, 10, tzinfo=UTC)


def charge(tariff: dict[str, Any], energy_wh: int, policy: RatingPolicy | None = None) -> PricedSession:
    stretch = Stretch(START, START + timedelta(hours=1), StretchState.CHARGING, energy_wh)
    return rate(parse_tariff(tariff), UTC_ZONE, [stretch], policy or RatingPolicy())


def energy_tariff(price: str, vat: str | None, **fields: Any) -> dict[str, Any]:
    component = {"type": "ENERGY", "price": price, "step_size": 1} | ({} if vat is None else {"vat": vat})
    return {"id": "T", "currency": "EUR", "elements": [{"price_components": [component]}]} | fields


def test_a_gross_price_stays_the_shown_amount() -> None:
    # 11.81 gross at 19 %: net 9.92, and 9.92 * 1.19 = 11.8048 would have become 11.80.
    invoice = invoice_totals(charge(energy_tariff("0.5905", "19", tax_included="YES"), 20_000), "EUR")
    assert (invoice.net, invoice.vat, invoice.gross) == (Money(992, "EUR"), Money(189, "EUR"), Money(1181, "EUR"))
    assert invoice.rounding_amount == Money(1, "EUR")
    assert not invoice.tax_unknown


def test_a_net_price_is_rounded_before_tax() -> None:
    invoice = invoice_totals(charge(energy_tariff("0.335", "19"), 3_000), "EUR")
    assert (invoice.net, invoice.vat, invoice.gross) == (Money(101, "EUR"), Money(19, "EUR"), Money(120, "EUR"))
    assert invoice.rounding_amount == Money(0, "EUR")


@pytest.mark.parametrize(
    ("currency", "price", "net", "vat", "gross"),
    [("JPY", "33.3", 411, 41, 452), ("KWD", "0.0333", 411, 41, 452), ("EUR", "0.0333", 41, 4, 45)],
)
def test_minor_units_of_a_currency(currency: str, price: str, net: int, vat: int, gross: int) -> None:
    invoice = invoice_totals(charge(energy_tariff(price, "10", currency=currency), 12_345), currency)
    assert (invoice.net.minor, invoice.vat.minor, invoice.gross.minor) == (net, vat, gross)


def test_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatchError):
        invoice_totals(charge(energy_tariff("0.3", None), 1_000), "USD")


def test_the_maximum_is_a_line_of_its_own() -> None:
    tariff = energy_tariff("0.5", "20", max_price={"before_taxes": 10, "after_taxes": 12})
    invoice = invoice_totals(charge(tariff, 100_000), "EUR")
    adjustment = invoice.adjustment
    assert adjustment is not None
    assert adjustment.adjustment is Limit.MAX_PRICE
    assert (adjustment.net.minor, adjustment.vat.minor, adjustment.gross.minor) == (-4000, -800, -4800)
    assert adjustment.rate == Decimal(20)
    assert (invoice.net.minor, invoice.vat.minor, invoice.gross.minor) == (1000, 200, 1200)
    assert invoice.rounding_amount.minor == 0


def test_tax_that_no_rate_explains_gets_no_rate() -> None:
    tariff = energy_tariff("0.25", None, min_price={"before_taxes": 5, "after_taxes": 6})
    invoice = invoice_totals(charge(tariff, 2_000), "EUR")
    assert invoice.adjustment is not None
    assert invoice.adjustment.rate is None
    assert (invoice.net.minor, invoice.vat.minor, invoice.gross.minor) == (500, 100, 600)


def test_a_gross_maximum_alone_moves_the_net_in_proportion() -> None:
    tariff = energy_tariff("0.595", "19", tax_included="YES", max_price={"after_taxes": "11.90"})
    priced = charge(tariff, 100_000)
    assert (priced.total_excl, priced.total_incl) == (Fraction(10), Fraction("11.9"))
    assert invoice_totals(priced, "EUR").gross.minor == 1190


def test_a_minimum_for_a_session_without_any_cost_carries_the_tax_of_the_tariff() -> None:
    tariff = energy_tariff("0.5", "20", min_price={"before_taxes": 3})
    priced = charge(tariff, 0)
    assert (priced.total_excl, priced.total_incl, priced.limit_applied) == (
        Fraction(3),
        Fraction("3.6"),
        Limit.MIN_PRICE,
    )
    waived = charge(tariff, 0, RatingPolicy(waive_without_energy=True))
    assert (waived.total_excl, waived.total_incl, waived.limit_applied) == (Fraction(0), Fraction(0), None)


def test_rounding_two_rates_does_not_cross_the_maximum() -> None:
    tariff = energy_tariff("0", None, max_price={"before_taxes": "2.01"})
    tariff["elements"][0]["price_components"] = [
        {"type": "FLAT", "price": "1.005", "vat": 0},
        {"type": "ENERGY", "price": "1.005", "vat": 10},
    ]
    priced = charge(tariff, 1_000)
    assert priced.total_excl == Decimal("2.01")
    assert priced.limit_applied is None
    invoice = invoice_totals(priced, "EUR")
    assert invoice.net.minor == 201
    assert sum(line.net.minor for line in invoice.vat_lines) == 201
    assert invoice.adjustment is not None
    assert invoice.adjustment.net.minor == -1


def test_unknown_tax_is_said_not_invented() -> None:
    priced = charge(energy_tariff("0.5", None, tax_included="YES"), 10_000)
    assert (priced.total_excl, priced.total_incl) == (None, Fraction(5))
    invoice = invoice_totals(priced, "EUR")
    assert invoice.tax_unknown
    assert (invoice.net.minor, invoice.vat.minor, invoice.gross.minor) == (500, 0, 500)


@pytest.mark.parametrize(
    ("included", "policy", "excl", "incl"),
    [
        ("NO", MissingTaxRate.OCPI, 5, 5),
        ("NO", MissingTaxRate.UNKNOWN, 5, None),
        ("YES", MissingTaxRate.ZERO, 5, 5),
        ("N/A", MissingTaxRate.UNKNOWN, 5, 5),
    ],
)
def test_what_a_missing_rate_means(included: str, policy: MissingTaxRate, excl: int | None, incl: int | None) -> None:
    priced = charge(energy_tariff("0.5", None, tax_included=included), 10_000, RatingPolicy(missing_tax_rate=policy))
    assert (priced.total_excl, priced.total_incl) == (excl, incl)


def test_several_taxes_add_up() -> None:
    tariff = energy_tariff("0.5", "5")
    tariff["elements"][0]["price_components"][0]["taxes"] = [{"name": "QST", "percentage": "9.975"}]
    priced = charge(tariff, 100_000)
    assert priced.total_incl == Decimal("57.4875")
    assert priced.lines[0].tax_rate == Decimal("14.975")


def test_a_built_tariff_caps_at_the_gross_maximum() -> None:
    tariff = simple_tariff(
        id="S", currency="EUR", energy_per_kwh=Decimal("0.59"), vat_percent=Decimal(19), max_price=Decimal(20)
    )
    stretch = Stretch(START, START + timedelta(hours=1), StretchState.CHARGING, 77_000)
    invoice = invoice_totals(rate(tariff, UTC_ZONE, [stretch]), "EUR")
    assert (invoice.net.minor, invoice.vat.minor, invoice.gross.minor) == (1681, 319, 2000)
