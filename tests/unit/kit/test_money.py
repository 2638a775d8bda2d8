"""Money never mixes currencies, never passes through a float, and rounds a half away from zero."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.errors import InvalidInputError
from app.kit.money import CurrencyMismatchError, Money, minor_unit_exponent, round_half_up


@pytest.mark.parametrize(
    ("exact", "currency", "minor"),
    [
        (Decimal("2.345"), "EUR", 235),
        (Fraction(2344999, 1000000), "EUR", 234),
        (Decimal("466.0885"), "JPY", 466),
        (Decimal("466.5"), "JPY", 467),
        (Decimal("1.23456"), "KWD", 1235),
        (Decimal("-0.005"), "EUR", -1),
    ],
)
def test_an_exact_amount_is_rounded_once(exact: Decimal, currency: str, minor: int) -> None:
    assert Money.from_exact(exact, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("USD", 2), ("RSD", 2), ("IQD", 3)]
)
def test_the_minor_unit_is_iso_4217s(currency: str, digits: int) -> None:
    assert minor_unit_exponent(currency) == digits


def test_an_unknown_currency_is_refused() -> None:
    for code in ("XYZ", "", "eur", "XAU"):  # gold has no minor unit
        with pytest.raises(InvalidInputError, match="unknown currency"):
            minor_unit_exponent(code)


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatchError):
        _ = Money(1, "EUR") + Money(1, "CHF")
    with pytest.raises(CurrencyMismatchError):
        _ = Money(1, "EUR") < Money(2, "CHF")


@given(st.fractions())
def test_rounding_moves_by_at_most_a_half(exact: Fraction) -> None:
    rounded = round_half_up(exact)
    assert abs(rounded - exact) <= Fraction(1, 2)
    assert round_half_up(-exact) == -rounded


@given(st.integers(), st.integers())
def test_sums_and_differences_undo_each_other(left: int, right: int) -> None:
    assert Money(left, "EUR") + Money(right, "EUR") - Money(right, "EUR") == Money(left, "EUR")


def test_it_prints_with_the_currencys_places() -> None:
    assert str(Money(5, "EUR")) == "0.05 EUR"
    assert str(Money(5, "JPY")) == "5 JPY"
