"""From OCPI tariff JSON (2.1.1, 2.2.1, 2.3.0 as on the wire) to the `Tariff` model, strictly.

One reader for the three versions: their tariff objects do not contradict each other. Every fault is a `TariffError`
that names its path. What is lawful or wise is not judged here: a contradictory tariff still has a price.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.domain.tariffs.errors import TariffError
from app.domain.tariffs.model import (
    DayOfWeek,
    Dimension,
    DisplayText,
    PriceComponent,
    PriceLimit,
    ReservationRestriction,
    Restrictions,
    Tariff,
    TariffElement,
    TariffType,
    Tax,
    TaxIncluded,
)
from app.domain.tariffs.wire import (
    Fields,
    calendar_date,
    clock_time,
    instant,
    list_of,
    not_negative,
    number,
    one_of,
    percentage,
    text,
    whole,
)
from app.kit.errors import InvalidInputError
from app.kit.money import minor_unit_exponent

MAX_ELEMENTS = 1000
"""More elements than this are refused; a quarter-hourly price curve of a week has 672."""


def load_tariff_json(document: str) -> Tariff:
    """Parse the JSON text of one OCPI tariff, its numbers as exact decimals. Raises TariffError."""

    def refuse_constant(name: str) -> object:
        raise TariffError("", f"{name} is not a number")

    try:
        value = json.loads(document, parse_float=Decimal, parse_int=Decimal, parse_constant=refuse_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise TariffError("", f"not valid JSON: {error}") from error
    return parse_tariff(value)


def parse_tariff(obj: Mapping[str, Any]) -> Tariff:
    """Parse an OCPI tariff object; numbers may be int, Decimal or text, never float. Raises TariffError."""
    fields = Fields(obj, "")
    energy_mix = fields.get("energy_mix", _energy_mix)
    tariff = Tariff(
        id=fields.need("id", text(36)),
        currency=fields.need("currency", _currency),
        elements=_elements(fields),
        country_code=fields.get("country_code", text(2, shortest=2)),
        party_id=fields.get("party_id", text(3)),
        type=fields.get("type", one_of(TariffType)),
        tax_included=fields.get("tax_included", one_of(TaxIncluded)),
        min_price=fields.get("min_price", _price_limit),
        max_price=fields.get("max_price", _price_limit),
        preauthorize_amount=fields.get("preauthorize_amount", not_negative),
        start_date_time=fields.get("start_date_time", instant),
        end_date_time=fields.get("end_date_time", instant),
        last_updated=fields.get("last_updated", instant),
        tariff_alt_text=fields.get("tariff_alt_text", list_of(_display_text)) or (),
        tariff_alt_url=fields.get("tariff_alt_url", text(2048)),
        energy_mix_json=energy_mix,
        x_idle_grace_seconds=fields.get("x_idle_grace_seconds", whole) or 0,
    )
    fields.finish()
    return tariff


def _elements(fields: Fields) -> tuple[TariffElement, ...]:
    elements = fields.need("elements", list_of(_element))
    if not 1 <= len(elements) <= MAX_ELEMENTS:
        raise TariffError("elements", f"must hold 1 to {MAX_ELEMENTS} elements")
    return elements


def _element(value: object, path: str) -> TariffElement:
    fields = Fields(value, path)
    components = fields.need("price_components", list_of(_component))
    if not components:
        raise TariffError(fields.at("price_components"), "must not be empty")
    restrictions = fields.get("restrictions", _restrictions)
    fields.finish()
    return TariffElement(components, None if restrictions == Restrictions() else restrictions)


def _component(value: object, path: str) -> PriceComponent:
    fields = Fields(value, path)
    step_size = fields.get("step_size", whole)
    component = PriceComponent(
        type=fields.need("type", one_of(Dimension)),
        price=fields.need("price", number),
        step_size=1 if step_size is None else step_size,
        vat=fields.get("vat", percentage),
        taxes=fields.get("taxes", list_of(_tax)) or (),
    )
    fields.finish()
    return component


def _tax(value: object, path: str) -> Tax:
    fields = Fields(value, path)
    tax = Tax(name=fields.need("name", text(100)), percentage=fields.need("percentage", percentage))
    fields.finish()
    return tax


def _restrictions(value: object, path: str) -> Restrictions:
    fields = Fields(value, path)
    restrictions = Restrictions(
        start_time=fields.get("start_time", clock_time),
        end_time=fields.get("end_time", clock_time),
        start_date=fields.get("start_date", calendar_date),
        end_date=fields.get("end_date", calendar_date),
        min_kwh=fields.get("min_kwh", not_negative),
        max_kwh=fields.get("max_kwh", not_negative),
        min_current=fields.get("min_current", not_negative),
        max_current=fields.get("max_current", not_negative),
        min_power=fields.get("min_power", not_negative),
        max_power=fields.get("max_power", not_negative),
        min_duration=fields.get("min_duration", whole),
        max_duration=fields.get("max_duration", whole),
        day_of_week=_days(fields.get("day_of_week", list_of(one_of(DayOfWeek))) or ()),
        reservation=fields.get("reservation", one_of(ReservationRestriction)),
    )
    fields.finish()
    return restrictions


def _days(days: tuple[DayOfWeek, ...]) -> tuple[DayOfWeek, ...]:
    """Each day once, Monday first: the order means nothing and must not change the content hash."""
    return tuple(day for day in DayOfWeek if day in days)


def _price_limit(value: object, path: str) -> PriceLimit:
    """A PriceLimit (2.3.0) or a Price (2.2.1); with tax-inclusive prices the after-tax limb may stand alone."""
    fields = Fields(value, path)
    limbs = {name: fields.get(name, not_negative) for name in ("before_taxes", "excl_vat", "after_taxes", "incl_vat")}
    fields.finish()
    given = {name for name, amount in limbs.items() if amount is not None}
    if not given:
        raise TariffError(path, "must give an amount")
    if given & {"excl_vat", "incl_vat"} and given & {"before_taxes", "after_taxes"}:
        raise TariffError(path, "mixes the fields of OCPI 2.2.1 and 2.3.0")
    before = limbs["before_taxes"] if limbs["before_taxes"] is not None else limbs["excl_vat"]
    after = limbs["after_taxes"] if limbs["after_taxes"] is not None else limbs["incl_vat"]
    return PriceLimit(before, after)


def _currency(value: object, path: str) -> str:
    code = text(3, shortest=3)(value, path)
    try:
        minor_unit_exponent(code)
    except InvalidInputError as error:
        raise TariffError(path, f"unknown currency {code!r} (ISO 4217)") from error
    return code


def _display_text(value: object, path: str) -> DisplayText:
    fields = Fields(value, path)
    display = DisplayText(fields.need("language", text(2, shortest=2)), fields.need("text", text(5000, shortest=0)))
    fields.finish()
    return display


def _energy_mix(value: object, path: str) -> str:
    """Descriptive only: kept as it came, as canonical JSON."""
    if not isinstance(value, Mapping):
        raise TariffError(path, "expected an object")
    try:
        return json.dumps(value, sort_keys=True, default=_plain, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TariffError(path, "expected an object of plain values") from error


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError
