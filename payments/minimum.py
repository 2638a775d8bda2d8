"""What is too little for the processor to take: it is waived, and the receipt says so."""

from app.kit.money import Money
from payments.stripe.amounts import minimum_charge


def below_minimum(amount_minor: int, currency: str) -> bool:
    """Return whether an amount above zero cannot be taken from a card."""
    return Money(amount_minor, currency) < minimum_charge(currency)
