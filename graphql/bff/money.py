"""Amounts in the API: minor units and currency to compute with, a text in the caller's language to show."""

import strawberry
from babel.numbers import format_currency

from app.kit.money import Money as ExactMoney
from bff.scalars import BigInt


@strawberry.type
class Money:
    """An amount of one currency. `amountMinor` counts minor units (cents for EUR, ISO 4217)."""

    amount_minor: BigInt
    currency: str
    formatted: str

    @classmethod
    def of(cls, amount: ExactMoney, locale: str) -> "Money":
        """Return an amount for a caller's locale."""
        text = format_currency(amount.major, amount.currency, locale=locale.replace("-", "_"))
        return cls(amount_minor=BigInt(amount.minor), currency=amount.currency, formatted=text)

    @classmethod
    def of_minor(cls, minor: int, currency: str, locale: str) -> "Money":
        """Return an amount from a row's columns."""
        return cls.of(ExactMoney(minor, currency), locale)

    @classmethod
    def maybe(cls, minor: int | None, currency: str, locale: str) -> "Money | None":
        """Return an amount, None where there is none."""
        return None if minor is None else cls.of_minor(minor, currency, locale)
