"""The stored explanation of a price adds up to the cent and survives storage unchanged."""

import json
from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.charging.rating_detail import LimitLine, RatingDetail, VatRow
from app.domain.tariffs import content_hash, parse_tariff
from tests.unit.payments.sessions import END, START, STOP, full_tariff, priced_session

PRICES = st.decimals(Decimal(0), Decimal(2), places=4)


def test_a_line_for_each_distinct_price_with_what_was_billed() -> None:
    detail, totals = priced_session(full_tariff())
    lines = [(line.component, line.quantity, line.unit, line.unit_price, line.gross) for line in detail.lines]
    assert lines == [
        ("ENERGY", Decimal("43.217"), "kWh", Decimal("0.59"), 2550),
        ("FLAT", Decimal(1), "session", Decimal("0.35"), 35),
        ("TIME", Decimal(2531), "s", Decimal(3), 211),
        ("PARKING_TIME", Decimal(2089), "s", Decimal(6), 348),
    ]
    assert (detail.lines[0].start, detail.lines[0].end) == (START, STOP)
    assert (detail.lines[3].start, detail.lines[3].end) == (STOP, END)
    assert detail.vat == (VatRow(Decimal(19), totals.net.minor, totals.vat.minor, totals.gross.minor),)
    assert detail.limit is None
    assert detail.tariff is not None
    assert detail.tariff.hash == content_hash(full_tariff())


def test_what_a_maximum_takes_away_is_a_line_of_its_own() -> None:
    detail, totals = priced_session(full_tariff(max_price=Decimal(30)))
    assert totals.gross.minor == 3000
    assert detail.limit == LimitLine("max_price", -121, -144)
    assert sum(line.gross for line in detail.lines) + detail.limit.gross == 3000
    assert [row.gross for row in detail.vat] == [3000]


def test_it_is_read_back_as_it_was_stored() -> None:
    detail, _ = priced_session(full_tariff(max_price=Decimal(30)))
    assert RatingDetail.from_json(json.loads(json.dumps(detail.to_json())), "EUR") == detail
    assert RatingDetail.from_json({}, "EUR") == RatingDetail("EUR")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(PRICES, PRICES, st.sampled_from(["7", "19", "5.5"])), min_size=1, max_size=4),
    st.booleans(),
    st.integers(0, 120_000),
)
def test_lines_add_up_to_their_rate_and_rates_to_the_document(
    parts: list[tuple[Decimal, Decimal, str]], tax_included: bool, energy_wh: int
) -> None:
    elements = [
        {
            "price_components": [
                {"type": "ENERGY", "price": str(energy), "vat": vat, "step_size": 1},
                {"type": "PARKING_TIME", "price": str(parking), "vat": vat, "step_size": 1},
            ],
            "restrictions": {"min_kwh": index * 20, "max_kwh": (index + 1) * 20},
        }
        for index, (energy, parking, vat) in enumerate(parts)
    ]
    tariff = parse_tariff(
        {"id": "t", "currency": "EUR", "tax_included": "YES" if tax_included else "NO", "elements": elements}
    )
    detail, totals = priced_session(tariff, energy_wh)
    by_rate: dict[Decimal | None, list[int]] = defaultdict(lambda: [0, 0])
    for line in detail.lines:
        by_rate[line.vat_rate][0] += line.net
        by_rate[line.vat_rate][1] += line.gross
    assert {rate: tuple(sums) for rate, sums in by_rate.items()} == {
        row.rate: (row.net, row.gross) for row in detail.vat
    }
    assert sum(row.gross for row in detail.vat) == totals.gross.minor
    assert sum(row.net for row in detail.vat) == totals.net.minor
    assert all(row.net + row.vat == row.gross for row in detail.vat)
