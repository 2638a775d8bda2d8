"""What the processor cannot take from a card: too little, or a fraction of its smallest step. Both are waived."""

from app.kit.money import Money, minor_unit_exponent
from payments.stripe.amounts import minimum_charge, processor_amount_step, processor_exponent


def below_minimum(amount_minor: int, currency: str) -> bool:
    """Return whether an amount above zero cannot be taken from a card."""
    return Money(amount_minor, currency) < minimum_charge(currency)


def chargeable_part(amount_minor: int, currency: str) -> int:
    """Return the largest part of an amount that the processor can express (KWD ends in zero, EUR is any amount)."""
    shift = processor_exponent(currency) - minor_unit_exponent(currency)
    step = processor_amount_step(currency)
    scale = int(10 ** abs(shift))
    unit = max(1, step // scale) if shift >= 0 else step * scale
    return amount_minor - amount_minor % unit
