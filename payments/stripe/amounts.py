"""Translation between our Money and the integer amounts Stripe's API speaks.

Stripe counts in the smallest unit of a currency, with exceptions of its own: some currencies that ISO 4217 gives
no decimals are still sent with two (ISK, UGX), and amounts of three-decimal currencies must end in zero. Every
amount that crosses the edge goes through here, so a wrong exponent cannot charge a hundredfold.
(Stripe, "Supported currencies": zero-decimal, three-decimal and special-case currencies, minimum charge amounts.)
"""

from app.kit.money import Money, minor_unit_exponent

_ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Without decimals in practice, but sent with two that must be zero.
_WHOLE_UNITS_WITH_TWO_DECIMALS = frozenset({"ISK", "UGX"})

# Minimum charge in Stripe's smallest unit, by settlement in the same currency.
_MINIMUM_CHARGE = {
    "AED": 200,
    "AUD": 50,
    "BGN": 100,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}


class UnrepresentableAmountError(ValueError):
    """The amount has no exact form in Stripe's units; the caller rounds first, knowing in whose favour."""

    def __init__(self, money: Money) -> None:
        super().__init__(f"{money} cannot be expressed in the processor's units")
        self.money = money


def processor_exponent(currency: str) -> int:
    """Return how many decimal places Stripe's amounts of a currency (ISO 4217, upper case) carry."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def processor_amount_step(currency: str) -> int:
    """Return the number that every Stripe amount of the currency must be a multiple of."""
    if currency in _THREE_DECIMAL:
        return 10
    return 100 if currency in _WHOLE_UNITS_WITH_TWO_DECIMALS else 1


def to_processor_amount(money: Money) -> int:
    """Return the integer Stripe expects for the amount.

    Raises UnrepresentableAmountError if it would have to be rounded.
    """
    shift = processor_exponent(money.currency) - minor_unit_exponent(money.currency)
    amount, rest = _shifted(money.minor, shift)
    if rest or amount % processor_amount_step(money.currency):
        raise UnrepresentableAmountError(money)
    return amount


def from_processor_amount(amount: int, currency: str) -> Money:
    """Return the Money a Stripe amount means; `currency` is taken in any case.

    Raises ValueError if Stripe's amount has a fraction of our minor unit.
    """
    code = currency.upper()
    shift = minor_unit_exponent(code) - processor_exponent(code)
    minor, rest = _shifted(amount, shift)
    if rest:
        raise ValueError(f"processor amount {amount} {code} is not a whole number of minor units")
    return Money(minor, code)


def minimum_processor_amount(currency: str) -> int:
    """Return Stripe's minimum charge in its own units; 50 where it publishes none."""
    return _MINIMUM_CHARGE.get(currency, 50)


def minimum_charge(currency: str) -> Money:
    """Return the smallest amount Stripe charges in a currency; anything below is waived, not charged."""
    step = processor_amount_step(currency)
    amount = -(-minimum_processor_amount(currency) // step) * step
    return from_processor_amount(amount, currency)


def _shifted(amount: int, places: int) -> tuple[int, int]:
    """Return `amount` moved by decimal places, and what of it could not be moved."""
    scale: int = 10 ** abs(places)
    return (amount * scale, 0) if places >= 0 else divmod(amount, scale)
