"""An OCPI tariff from the everyday things an operator types: prices per kWh, minute and session, VAT, grace, limits.

OCPI prices time per hour; a price per minute is multiplied by 60 exactly. The limits are stated on the side the prices
are stated on: with tax-inclusive prices an after-tax limit alone, which OCPI itself cannot say (its before-tax limb is
mandatory) but which is what such an operator means.
"""

from datetime import datetime
from decimal import Decimal

from app.domain.tariffs.model import (
    Dimension,
    PriceComponent,
    PriceLimit,
    ReservationRestriction,
    Restrictions,
    Tariff,
    TariffElement,
    TaxIncluded,
)
from app.domain.tariffs.parse import parse_tariff
from app.domain.tariffs.wire import number

_MINUTES_PER_HOUR = 60


def simple_tariff(
    *,
    id: str,  # noqa: A002 - the OCPI field's name
    currency: str,
    energy_per_kwh: Decimal | None = None,
    time_per_minute: Decimal | None = None,
    session_fee: Decimal | None = None,
    idle_per_minute: Decimal | None = None,
    idle_grace_minutes: int = 0,
    reservation_per_minute: Decimal | None = None,
    vat_percent: Decimal | None = None,
    tax_included: bool = True,
    min_price: Decimal | None = None,
    max_price: Decimal | None = None,
    preauthorize_amount: Decimal | None = None,
    energy_step_wh: int = 1,
    time_step_seconds: int = 1,
    country_code: str | None = None,
    party_id: str | None = None,
    last_updated: datetime | None = None,
) -> Tariff:
    """Build a tariff; a price that is None is not part of it, and with no price at all charging is free.

    All amounts are in major units, all with tax (`tax_included=True`) or all without. `idle_grace_minutes`: so much
    idle time after the energy ended is free. Raises TariffError, as parsing the same tariff would.
    """
    session = (
        _component(Dimension.FLAT, session_fee, 1, vat_percent)
        + _component(Dimension.ENERGY, energy_per_kwh, energy_step_wh, vat_percent)
        + _component(Dimension.TIME, _hourly(time_per_minute), time_step_seconds, vat_percent)
        + _component(Dimension.PARKING_TIME, _hourly(idle_per_minute), time_step_seconds, vat_percent)
    )
    reservation = _component(Dimension.TIME, _hourly(reservation_per_minute), time_step_seconds, vat_percent)
    tariff = Tariff(
        id=id,
        currency=currency,
        elements=_elements(session, reservation),
        country_code=country_code,
        party_id=party_id,
        tax_included=TaxIncluded.YES if tax_included else TaxIncluded.NO,
        min_price=_limit(min_price, tax_included),
        max_price=_limit(max_price, tax_included),
        preauthorize_amount=preauthorize_amount,
        last_updated=last_updated,
        x_idle_grace_seconds=idle_grace_minutes * 60,
    )
    return parse_tariff(tariff.to_json())


def _elements(
    session: tuple[PriceComponent, ...], reservation: tuple[PriceComponent, ...]
) -> tuple[TariffElement, ...]:
    """Return the session's element, free of charge when it has no price, and the reservation's."""
    free = (PriceComponent(Dimension.FLAT, Decimal(0), 0),)
    elements = (TariffElement(session or free),)
    if not reservation:
        return elements
    reserved = Restrictions(reservation=ReservationRestriction.RESERVATION)
    return (*elements, TariffElement(reservation, reserved))


def _component(
    dimension: Dimension, price: Decimal | None, step_size: int, vat: Decimal | None
) -> tuple[PriceComponent, ...]:
    return () if price is None else (PriceComponent(dimension, number(price, dimension), step_size, vat),)


def _hourly(per_minute: Decimal | None) -> Decimal | None:
    return None if per_minute is None else number(per_minute, "per minute") * _MINUTES_PER_HOUR


def _limit(amount: Decimal | None, tax_included: bool) -> PriceLimit | None:
    if amount is None:
        return None
    return PriceLimit(after_taxes=amount) if tax_included else PriceLimit(before_taxes=amount)
