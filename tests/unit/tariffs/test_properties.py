"""What holds for every tariff and session, whatever their numbers."""

import random
from datetime import timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.tariffs import (
    DEFAULT_POLICY,
    PricedSession,
    RatingRun,
    Stretch,
    StretchState,
    TariffError,
    content_hash,
    invoice_totals,
    load_tariff_json,
    parse_tariff,
    payable,
    price_run,
    rate,
)
from tests.unit.tariffs.strategies import raw_sessions, tariffs

BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from([BERLIN, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])


def split(stretch: Stretch, at: Fraction) -> list[Stretch]:
    """Cut a stretch in two at a fraction of its time, to the microsecond."""
    span = (stretch.end - stretch.start) // timedelta(microseconds=1)
    part = int(span * at)
    middle = stretch.start + timedelta(microseconds=part)
    first = Fraction(stretch.energy_wh) * part / span
    power = (stretch.min_power_w, stretch.max_power_w)
    return [
        Stretch(stretch.start, middle, stretch.state, first, *power),
        Stretch(middle, stretch.end, stretch.state, Fraction(stretch.energy_wh) - first, *power),
    ]


@given(tariff=tariffs(), stretches=raw_sessions(), zone=zones, seed=st.integers())
@settings(max_examples=150)
def test_splitting_changes_nothing(tariff: dict[str, Any], stretches: list[Stretch], zone: ZoneInfo, seed: int) -> None:
    chance = random.Random(seed)
    pieces = [part for s in stretches for part in split(s, Fraction(chance.randrange(1000), 1000))]
    assert rate(parse_tariff(tariff), zone, pieces) == rate(parse_tariff(tariff), zone, stretches)


@given(tariff=tariffs(limits=False), stretches=raw_sessions(), factor=st.integers(101, 300))
@settings(max_examples=150)
def test_more_energy_never_costs_less(tariff: dict[str, Any], stretches: list[Stretch], factor: int) -> None:
    # Energy tiers may make more energy cheaper, and so may a step whose surplus a dearer last component bears.
    for element in tariff["elements"]:
        for name in ("min_kwh", "max_kwh"):
            element.get("restrictions", {}).pop(name, None)
        for component in element["price_components"]:
            component["step_size"] = 1 if component["type"] != "ENERGY" else 0
    parsed = parse_tariff(tariff)
    more = [
        Stretch(s.start, s.end, s.state, Fraction(s.energy_wh) * factor / 100, s.min_power_w, s.max_power_w)
        for s in stretches
    ]
    assert payable(rate(parsed, BERLIN, more)) >= payable(rate(parsed, BERLIN, stretches))


@given(tariff=tariffs(), stretches=raw_sessions())
@settings(max_examples=150)
def test_net_and_tax_make_gross(tariff: dict[str, Any], stretches: list[Stretch]) -> None:
    priced = rate(parse_tariff(tariff), BERLIN, stretches)
    invoice = invoice_totals(priced, priced.currency)
    assert invoice.net + invoice.vat == invoice.gross
    for line in invoice.vat_lines:
        assert line.net + line.vat == line.gross
    for side in ("net", "vat", "gross"):
        assert sum(getattr(line, side).minor for line in invoice.vat_lines) == getattr(invoice, side).minor


@given(tariff=tariffs(), stretches=raw_sessions())
@settings(max_examples=100)
def test_nothing_is_lost_between_lines_and_quantities(tariff: dict[str, Any], stretches: list[Stretch]) -> None:
    priced = rate(parse_tariff(tariff), BERLIN, stretches)
    measured = sum((Fraction(s.energy_wh) for s in stretches), Fraction(0))
    assert _energy(priced) == measured
    seconds = sum(
        ((s.end - s.start) for s in stretches if s.state is not StretchState.SUSPENDED_EVSE), timedelta()
    ) // timedelta(seconds=1)
    assert _seconds(priced) == seconds


@given(tariff=tariffs(), stretches=raw_sessions())
@settings(max_examples=100)
def test_a_run_priced_on_the_way_is_the_rating_so_far(tariff: dict[str, Any], stretches: list[Stretch]) -> None:
    parsed = parse_tariff(tariff)
    run = RatingRun((parsed,), BERLIN, DEFAULT_POLICY, cut=True, reservation_expired=False)
    for count, stretch in enumerate(stretches, start=1):
        run.add(stretch)
        assert price_run(run) == rate(parsed, BERLIN, stretches[:count])


@given(tariff=tariffs(), stretches=raw_sessions())
@settings(max_examples=60)
def test_the_order_of_dimensions_changes_nothing(tariff: dict[str, Any], stretches: list[Stretch]) -> None:
    for element in tariff["elements"]:
        unique = {component["type"]: component for component in element["price_components"]}
        element["price_components"] = list(unique.values())
    turned = tariff | {"elements": [e | {"price_components": e["price_components"][::-1]} for e in tariff["elements"]]}
    one = rate(parse_tariff(tariff), BERLIN, stretches)
    two = rate(parse_tariff(turned), BERLIN, stretches)
    assert (one.total_excl, one.total_incl, one.billed) == (two.total_excl, two.total_incl, two.billed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.decimals() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def broken_tariffs(draw: st.DrawFn) -> dict[str, Any]:
    """Return a tariff with a random value in a random place."""
    tariff = draw(tariffs())
    place: Any = tariff
    while True:
        key = draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(json_values)
            return tariff
        place = place[key]


@given(tariff=broken_tariffs() | st.dictionaries(st.text(max_size=10), json_values), stretches=raw_sessions())
@settings(max_examples=400)
def test_a_fuzzed_tariff_is_refused_or_priced(tariff: dict[str, Any], stretches: list[Stretch]) -> None:
    try:
        parsed = parse_tariff(tariff)
    except TariffError:
        return
    assert content_hash(parse_tariff(parsed.to_json())) == content_hash(parsed)
    priced = rate(parsed, BERLIN, stretches)
    invoice_totals(priced, priced.currency)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_fuzzed_text_is_refused(text: str) -> None:
    try:
        load_tariff_json(text)
    except TariffError:
        return
    raise AssertionError(text)


def _energy(priced: PricedSession) -> Fraction:
    lines = sum((line.quantity for line in priced.lines if line.dimension == "ENERGY"), Fraction(0))
    return lines + sum((amount for name, amount in priced.unpriced.items() if name == "ENERGY"), Fraction(0))


def _seconds(priced: PricedSession) -> Fraction:
    timed = ("TIME", "PARKING_TIME")
    lines = sum((line.quantity for line in priced.lines if line.dimension in timed), Fraction(0))
    skipped = sum((amount for name, amount in priced.unpriced.items() if name in timed), Fraction(0))
    return lines + skipped + priced.idle_grace_s
