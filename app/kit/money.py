"""Money: an integer of minor units plus its currency, never a float, never two currencies in one sum.

Rounding of an exact amount to minor units happens in `Money.from_exact` and nowhere else.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Self

from iso4217 import Currency

from app.kit.errors import InvalidInputError

Exact = Fraction | Decimal | int


@cache
def minor_unit_exponent(currency: str) -> int:
    """Return how many decimal places the currency's minor unit has (EUR 2, JPY 0, KWD 3; ISO 4217).

    Raises InvalidInputError for a code that ISO 4217 does not know.
    """
    try:
        digits = Currency(currency).exponent
    except ValueError:
        digits = None
    if digits is None:
        raise InvalidInputError(f"unknown currency {currency!r}", field="currency")
    return digits


def round_half_up(exact: Exact) -> int:
    """Round an exact number to the nearest integer; a half goes away from zero."""
    value = Fraction(exact)
    magnitude = int(abs(value) + Fraction(1, 2))
    return magnitude if value >= 0 else -magnitude


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of one ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return nothing of a currency."""
        return cls(0, currency)

    @classmethod
    def from_exact(cls, amount: Exact, currency: str) -> Self:
        """Round an exact amount in major units half up to minor units."""
        return cls(round_half_up(Fraction(amount) * 10 ** minor_unit_exponent(currency)), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimal places."""
        return Decimal(self.minor).scaleb(-minor_unit_exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"

    def _require_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met in one operation: always a programming error."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot combine {left} with {right}")
