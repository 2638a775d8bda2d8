"""What cannot be taken from a card, by currency."""

import pytest

from app.kit.money import Money
from payments.minimum import below_minimum, chargeable_part
from payments.stripe.amounts import to_processor_amount


@pytest.mark.parametrize(
    ("amount", "currency", "part"),
    [(1181, "EUR", 1181), (1181, "JPY", 1181), (1239, "KWD", 1230), (9, "KWD", 0), (1181, "ISK", 1181)],
)
def test_the_chargeable_part_is_what_the_processor_can_express(amount: int, currency: str, part: int) -> None:
    assert chargeable_part(amount, currency) == part
    to_processor_amount(Money(part, currency))


def test_the_minimum_is_the_currencys() -> None:
    assert below_minimum(49, "EUR")
    assert not below_minimum(50, "EUR")
    assert below_minimum(14_99, "CZK")
