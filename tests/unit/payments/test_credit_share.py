"""Credit notes of a receipt together credit exactly what it charged, at every VAT rate."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.charging.rating_detail import VatRow
from payments.credit_note import credit_share

ROWS = (VatRow(Decimal(19), 1681, 319, 2000), VatRow(Decimal(7), 935, 65, 1000))


def test_a_partial_credit_is_spread_over_the_rates() -> None:
    credit = credit_share(ROWS, 0, 1234)
    assert (credit.net_minor, credit.vat_minor, credit.gross_minor) == (1076, 158, 1234)
    assert credit.rows == (VatRow(Decimal(19), 692, 131, 823), VatRow(Decimal(7), 384, 27, 411))


def test_the_whole_is_the_receipt_itself() -> None:
    assert credit_share(ROWS, 0, 3000).rows == ROWS


@given(st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_partial_credits_add_up_to_the_receipt(amounts: list[int]) -> None:
    credited = 0
    sums = {row.rate: [0, 0, 0] for row in ROWS}
    for amount in [*amounts, 10_000]:
        share = min(amount, 3000 - credited)
        if not share:
            break
        credit = credit_share(ROWS, credited, share)
        assert credit.net_minor + credit.vat_minor == share
        for row in credit.rows:
            for index, part in enumerate((row.net, row.vat, row.gross)):
                sums[row.rate][index] += part
        credited += share
    assert sums == {row.rate: [row.net, row.vat, row.gross] for row in ROWS}
