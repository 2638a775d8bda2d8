"""Stripe's amounts by currency: exact both ways, or refused."""

import pytest

from app.kit.money import Money
from payments.stripe.amounts import (
    UnrepresentableAmountError,
    from_processor_amount,
    minimum_charge,
    to_processor_amount,
)


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1234, "EUR"), 1234),
        (Money(4000, "JPY"), 4000),
        (Money(12340, "KWD"), 12340),
        (Money(5, "ISK"), 500),
        (Money(0, "EUR"), 0),
    ],
)
def test_there_and_back(money: Money, amount: int) -> None:
    assert to_processor_amount(money) == amount
    assert from_processor_amount(amount, money.currency.lower()) == money


def test_a_three_decimal_amount_ends_in_zero() -> None:
    with pytest.raises(UnrepresentableAmountError):
        to_processor_amount(Money(12345, "KWD"))


def test_a_fraction_of_our_minor_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        from_processor_amount(550, "ISK")


@pytest.mark.parametrize(
    "money", [Money(50, "EUR"), Money(30, "GBP"), Money(50, "JPY"), Money(17500, "HUF"), Money(50, "KWD")]
)
def test_minimum_charge(money: Money) -> None:
    assert minimum_charge(money.currency) == money
