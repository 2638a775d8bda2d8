"""What an app shows before the start: unit prices in the order of the law, an estimate, and a bound."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from app.domain.tariffs import (
    Dimension,
    Limit,
    PriceKind,
    PriceLimit,
    PriceUnit,
    StretchState,
    TariffError,
    TaxIncluded,
    describe,
    estimate,
    parse_tariff,
    payable,
    rate,
    simple_tariff,
    worst_case,
)
from tests.unit.tariffs.strategies import START, raw_sessions, tariffs

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 1, 15, 11, tzinfo=UTC)


def test_the_order_of_the_law_with_gross_and_net() -> None:
    tariff = simple_tariff(
        id="T",
        currency="EUR",
        energy_per_kwh=Decimal("0.595"),
        time_per_minute=Decimal("0.07"),
        session_fee=Decimal("1.19"),
        idle_per_minute=Decimal("0.119"),
        idle_grace_minutes=15,
        vat_percent=Decimal(19),
        min_price=Decimal(1),
        max_price=Decimal(60),
    )
    views = describe(tariff, BERLIN, NOON)
    assert [(view.kind, view.unit, view.gross) for view in views] == [
        (PriceKind.ENERGY, PriceUnit.KWH, Fraction("0.595")),
        (PriceKind.TIME, PriceUnit.MINUTE, Fraction("0.07")),
        (PriceKind.FLAT, PriceUnit.SESSION, Fraction("1.19")),
        (PriceKind.IDLE, PriceUnit.MINUTE, Fraction("0.119")),
        (PriceKind.MIN_PRICE, PriceUnit.SESSION, Fraction(1)),
        (PriceKind.MAX_PRICE, PriceUnit.SESSION, Fraction(60)),
    ]
    assert [view.net for view in views[:4]] == [Fraction("0.5"), Fraction(1, 17), Fraction(1), Fraction("0.1")]
    assert [view.grace_seconds for view in views] == [0, 0, 0, 900, 0, 0]
    assert views[1].published_price == Decimal("4.2")
    assert not any(view.may_change for view in views)


def test_an_hourly_price_that_does_not_divide_stays_exact() -> None:
    tariff = parse_tariff(
        {
            "id": "T",
            "currency": "EUR",
            "elements": [{"price_components": [{"type": "TIME", "price": 1, "vat": 19, "step_size": 60}]}],
        }
    )
    (view,) = describe(tariff, BERLIN, NOON)
    assert (view.net, view.gross) == (Fraction(1, 60), Fraction(119, 6000))


def test_prices_are_those_of_the_local_time_and_the_power() -> None:
    night = {"start_time": "22:00", "end_time": "06:00"}
    tariff = parse_tariff(
        {
            "id": "T",
            "currency": "EUR",
            "elements": [
                {"price_components": [{"type": "ENERGY", "price": "0.2"}], "restrictions": night},
                {"price_components": [{"type": "ENERGY", "price": "0.3"}], "restrictions": {"max_power": 22}},
                {"price_components": [{"type": "ENERGY", "price": "0.5"}]},
            ],
        }
    )
    at_night = datetime(2026, 1, 15, 21, tzinfo=UTC)
    shown = [
        describe(tariff, BERLIN, at_night)[0],
        describe(tariff, BERLIN, NOON)[0],
        describe(tariff, BERLIN, NOON, power_w=11_000)[0],
    ]
    assert [view.gross for view in shown] == [Fraction("0.2"), Fraction("0.5"), Fraction("0.3")]
    assert all(view.may_change for view in shown)


def test_an_idle_fee_that_begins_with_the_duration_of_the_session() -> None:
    tariff = parse_tariff(
        {
            "id": "T",
            "currency": "EUR",
            "elements": [
                {"price_components": [{"type": "ENERGY", "price": "0.59"}]},
                {
                    "price_components": [{"type": "PARKING_TIME", "price": 6, "step_size": 60}],
                    "restrictions": {"min_duration": 14400},
                },
                {
                    "price_components": [{"type": "TIME", "price": 5}, {"type": "FLAT", "price": 2}],
                    "restrictions": {"reservation": "RESERVATION"},
                },
            ],
        }
    )
    views = {view.kind: view for view in describe(tariff, BERLIN, NOON)}
    assert list(views) == [
        PriceKind.ENERGY,
        PriceKind.IDLE,
        PriceKind.RESERVATION_TIME,
        PriceKind.RESERVATION_FLAT,
    ]
    assert views[PriceKind.IDLE].from_session_second == 14400
    assert views[PriceKind.IDLE].gross == Fraction(1, 10)
    assert views[PriceKind.RESERVATION_TIME].gross == Fraction(1, 12)


def test_an_estimate_is_a_rating() -> None:
    tariff = simple_tariff(
        id="T",
        currency="EUR",
        energy_per_kwh=Decimal("0.50"),
        idle_per_minute=Decimal("0.10"),
        idle_grace_minutes=10,
        vat_percent=Decimal(19),
    )
    priced = estimate(tariff, BERLIN, NOON, 40_000, timedelta(minutes=30), idle=timedelta(minutes=25))
    assert priced.total_incl == Fraction("21.5")
    assert priced.billed.parking_s == 900
    assert priced.idle_grace_s == 600
    assert payable(priced) == Fraction("21.5")


def test_the_worst_case_takes_the_dearest_of_all_and_the_maximum_holds() -> None:
    elements = [
        {
            "price_components": [{"type": "ENERGY", "price": "0.9", "vat": 19}, {"type": "TIME", "price": "0"}],
            "restrictions": {"start_time": "17:00", "end_time": "20:00"},
        },
        {"price_components": [{"type": "ENERGY", "price": "0.95", "vat": 7, "step_size": 1000}]},
    ]
    tariff = {"id": "T", "currency": "EUR", "elements": elements}
    open_end = worst_case(parse_tariff(tariff), BERLIN, NOON, 10_500, timedelta(hours=1))
    assert open_end.total_excl == Fraction("0.9") * 11
    assert open_end.total_incl == Fraction("0.9") * 11 * Fraction("1.19")
    capped = worst_case(
        parse_tariff(tariff | {"max_price": {"excl_vat": 5, "incl_vat": 6}}), BERLIN, NOON, 10_500, timedelta(hours=1)
    )
    assert (capped.total_excl, capped.total_incl, capped.limit_applied) == (Fraction(5), Fraction(6), Limit.MAX_PRICE)


@given(tariff=tariffs(), stretches=raw_sessions())
def test_no_session_costs_more_than_its_worst_case(tariff: dict[str, object], stretches: list) -> None:  # type: ignore[type-arg]
    parsed = parse_tariff(tariff)
    session = [stretch for stretch in stretches if stretch.state is not StretchState.RESERVED]

    def total(state: StretchState) -> timedelta:
        return sum((s.end - s.start for s in session if s.state is state), timedelta())

    energy = sum(Fraction(stretch.energy_wh) for stretch in session)
    bound = worst_case(parsed, BERLIN, START, energy, total(StretchState.CHARGING), idle=total(StretchState.PARKED))
    assert payable(rate(parsed, BERLIN, session)) <= payable(bound)


def test_the_builder_says_it_in_ocpi() -> None:
    tariff = simple_tariff(
        id="T",
        currency="EUR",
        energy_per_kwh=Decimal("0.45"),
        time_per_minute=Decimal("0.05"),
        reservation_per_minute=Decimal("0.1"),
        tax_included=False,
        vat_percent=Decimal(19),
        max_price=Decimal(50),
    )
    first, second = tariff.elements
    assert [(c.type, c.price, c.vat) for c in first.price_components] == [
        (Dimension.ENERGY, Decimal("0.45"), Decimal(19)),
        (Dimension.TIME, Decimal(3), Decimal(19)),
    ]
    assert second.restrictions is not None
    assert second.price_components[0].price == Decimal(6)
    assert tariff.tax_included is TaxIncluded.NO
    assert tariff.max_price == PriceLimit(before_taxes=Decimal(50))
    assert parse_tariff(tariff.to_json()) == tariff


def test_a_tariff_without_prices_is_free() -> None:
    free = simple_tariff(id="FREE", currency="EUR")
    assert estimate(free, BERLIN, NOON, 50_000, timedelta(hours=1)).total_incl == 0
    assert [(view.kind, view.gross) for view in describe(free, BERLIN, NOON)] == [(PriceKind.FLAT, Fraction(0))]


def test_the_builder_refuses_floats() -> None:
    with pytest.raises(TariffError):
        simple_tariff(id="T", currency="EUR", energy_per_kwh=0.45)  # type: ignore[arg-type]
