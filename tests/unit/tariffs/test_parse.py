"""Parsing is strict, exact, and says where the fault is."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.domain.tariffs import (
    Dimension,
    PriceLimit,
    Restrictions,
    TariffError,
    TaxIncluded,
    content_hash,
    load_tariff_json,
    parse_tariff,
)

ENERGY = {"type": "ENERGY", "price": "0.25", "vat": "10.0", "step_size": 1}


def tariff(**changes: Any) -> dict[str, Any]:
    return {"id": "T1", "currency": "EUR", "elements": [{"price_components": [ENERGY]}], **changes}


def with_restrictions(**restrictions: Any) -> dict[str, Any]:
    free = {"price_components": [ENERGY]}
    return tariff(elements=[free, free, {"price_components": [ENERGY], "restrictions": restrictions}])


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        (tariff(currency="XXQ"), "currency"),
        (tariff(id=""), "id"),
        (tariff(id="x" * 37), "id"),
        (tariff(elements=[]), "elements"),
        (tariff(elements=None), "elements"),
        (tariff(elements="ENERGY"), "elements"),
        (tariff(elements=[{"price_components": []}]), "elements[0].price_components"),
        (tariff(elements=[{"price_components": [ENERGY | {"price": 0.25}]}]), "elements[0].price_components[0].price"),
        (tariff(elements=[{"price_components": [ENERGY | {"type": "KWH"}]}]), "elements[0].price_components[0].type"),
        (tariff(elements=[{"price_components": [ENERGY | {"vat": "101"}]}]), "elements[0].price_components[0].vat"),
        (
            tariff(elements=[{"price_components": [ENERGY | {"step_size": "0.5"}]}]),
            "elements[0].price_components[0].step_size",
        ),
        (
            tariff(elements=[{"price_components": [ENERGY | {"surcharge": 1}]}]),
            "elements[0].price_components[0].surcharge",
        ),
        (with_restrictions(max_kwh="many"), "elements[2].restrictions.max_kwh"),
        (with_restrictions(max_kwh=-1), "elements[2].restrictions.max_kwh"),
        (with_restrictions(max_kwh=True), "elements[2].restrictions.max_kwh"),
        (with_restrictions(max_kwh=Decimal("NaN")), "elements[2].restrictions.max_kwh"),
        (with_restrictions(max_kwh=Decimal("1E+999999")), "elements[2].restrictions.max_kwh"),
        (with_restrictions(max_kwh="1e-30"), "elements[2].restrictions.max_kwh"),
        (with_restrictions(start_time="24:00"), "elements[2].restrictions.start_time"),
        (with_restrictions(end_date="2026-02-30"), "elements[2].restrictions.end_date"),
        (with_restrictions(day_of_week=["MONDAY", "FUNDAY"]), "elements[2].restrictions.day_of_week[1]"),
        (with_restrictions(reservation="MAYBE"), "elements[2].restrictions.reservation"),
        (with_restrictions(max_kw=5), "elements[2].restrictions.max_kw"),
        (tariff(max_price={}), "max_price"),
        (tariff(max_price={"excl_vat": 1, "after_taxes": 2}), "max_price"),
        (tariff(max_price=5), "max_price"),
        (tariff(tax_included="PERHAPS"), "tax_included"),
        (tariff(max_prise={"excl_vat": 1}), "max_prise"),
        (tariff(end_date_time="tomorrow"), "end_date_time"),
    ],
)
def test_an_error_names_its_path(broken: dict[str, Any], path: str) -> None:
    with pytest.raises(TariffError) as caught:
        parse_tariff(broken)
    assert caught.value.path == path
    assert caught.value.message.startswith(path)
    assert caught.value.code == "INVALID_TARIFF"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"id": NaN}', "[" * 100_000, '{"id": 1e999999999}'])
def test_text_that_is_no_tariff(text: str) -> None:
    with pytest.raises(TariffError):
        load_tariff_json(text)


def test_numbers_are_the_published_ones() -> None:
    component = load_tariff_json(json.dumps(tariff()).replace('"0.25"', "0.1234567")).elements[0].price_components[0]
    assert component.type is Dimension.ENERGY
    assert component.price == Decimal("0.1234567")
    assert component.vat == Decimal(10)


def test_the_three_versions_of_a_limit() -> None:
    v221 = parse_tariff(tariff(min_price={"excl_vat": "0.5", "incl_vat": "0.55"}))
    v230 = parse_tariff(tariff(min_price={"before_taxes": "0.50", "after_taxes": "0.550"}, tax_included="NO"))
    assert v221.min_price == v230.min_price == PriceLimit(Decimal("0.5"), Decimal("0.55"))
    assert (v221.tax_included, v230.tax_included) == (None, TaxIncluded.NO)


def test_null_is_absent_and_empty_restrictions_are_none() -> None:
    element = {"price_components": [ENERGY], "restrictions": {"max_kwh": None, "day_of_week": []}}
    parsed = parse_tariff(tariff(min_price=None, elements=[element]))
    assert parsed.elements[0].restrictions is None
    assert parsed == parse_tariff(tariff())


def test_the_hash_is_of_the_content() -> None:
    one = parse_tariff(with_restrictions(day_of_week=["SUNDAY", "MONDAY"], max_kwh="20.0"))
    same = parse_tariff(with_restrictions(day_of_week=["MONDAY", "SUNDAY", "MONDAY"], max_kwh=20))
    other = parse_tariff(with_restrictions(day_of_week=["MONDAY", "SUNDAY"], max_kwh="20.001"))
    assert content_hash(one) == content_hash(same)
    assert content_hash(one) != content_hash(other)
    assert len(content_hash(one)) == 64
    assert one.elements[2].restrictions != Restrictions()


def test_everything_survives_the_round_trip() -> None:
    full = tariff(
        country_code="DE",
        party_id="VLT",
        type="AD_HOC_PAYMENT",
        tax_included="YES",
        max_price={"before_taxes": "50", "after_taxes": "59.50"},
        preauthorize_amount=80,
        start_date_time="2026-01-01T00:00:00Z",
        end_date_time="2026-12-31T22:59:59",
        last_updated="2025-12-01T10:00:00.5+01:00",
        tariff_alt_text=[{"language": "de", "text": "Laden"}],
        tariff_alt_url="https://example.com/prices",
        energy_mix={"is_green_energy": True, "energy_sources": [{"source": "WIND", "percentage": Decimal("99.5")}]},
        x_idle_grace_seconds=900,
        elements=[
            {
                "price_components": [ENERGY | {"vat": None, "taxes": [{"name": "GST", "percentage": 5}]}],
                "restrictions": {
                    "start_time": "00:00",
                    "end_time": "06:30",
                    "start_date": "2026-01-01",
                    "end_date": "2027-01-01",
                    "min_kwh": 0,
                    "max_kwh": "1000",
                    "min_current": 6,
                    "max_current": 500,
                    "min_power": "0.5",
                    "max_power": 400,
                    "min_duration": 0,
                    "max_duration": 86400,
                    "day_of_week": ["SATURDAY"],
                    "reservation": "RESERVATION_EXPIRES",
                },
            }
        ],
    )
    parsed = parse_tariff(full)
    document = json.loads(json.dumps(parsed.to_json()))
    assert parse_tariff(document) == parsed
    assert document["elements"][0]["restrictions"]["max_kwh"] == "1000"
    assert document["preauthorize_amount"] == "80"
    assert document["last_updated"] == "2025-12-01T09:00:00.500000Z"
    assert parsed.elements[0].price_components[0].tax_rate == Decimal(5)
    assert set(document) == set(full)
