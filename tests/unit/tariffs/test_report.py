"""The JSON report carries the published figures of every case, in their published form."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.domain.tariffs import Stretch, StretchState, parse_tariff, priced_json, rate
from tests.unit.tariffs.vectors import CASE_FILES, load


@pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.stem)
def test_published_form(file: Path) -> None:
    case = load(file)
    report = json.loads(json.dumps(priced_json(case.price())))
    names = (
        "total_excl",
        "total_incl",
        "exact",
        "rounded_half_up",
        "costs_excl",
        "billed",
        "unpriced",
        "limit_applied",
    )
    assert {name: report[name] for name in names} == {name: case.expected[name] for name in names}
    assert report.get("before_limit") == case.expected.get("before_limit")


def test_a_line_tells_quantity_before_and_after_the_step() -> None:
    tariff = parse_tariff(
        {
            "id": "T",
            "currency": "EUR",
            "elements": [{"price_components": [{"type": "ENERGY", "price": "-0.3", "vat": 19, "step_size": 500}]}],
        }
    )
    start = datetime(2026, 1, 15, 10, tzinfo=UTC)
    stretch = Stretch(start, start + timedelta(hours=1), StretchState.CHARGING, Fraction(10_000, 3))
    (line,) = priced_json(rate(tariff, ZoneInfo("UTC"), [stretch]))["lines"]
    assert line == {
        "dimension": "ENERGY",
        "context": "session",
        "tariff_id": "T",
        "element_index": 0,
        "component_index": 0,
        "from": "2026-01-15T10:00:00Z",
        "to": "2026-01-15T11:00:00Z",
        "kwh": "3.5",
        "kwh_before_step": "3.333333",
        "step_size": 500,
        "unit_price": "-0.3",
        "tax_included": False,
        "vat": "19",
        "amount_excl": "-1.05",
        "amount_incl": "-1.2495",
    }
