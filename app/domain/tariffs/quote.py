"""What a session would cost, before it begins: an estimate for given needs, and a bound that it cannot exceed.

Both go through `rate`, so a quote can never be computed by other rules than the charge.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.tariffs.model import Dimension, PriceComponent, Tariff, TariffElement, TaxIncluded
from app.domain.tariffs.policy import DEFAULT_POLICY, RatingPolicy
from app.domain.tariffs.rate import rate
from app.domain.tariffs.restrictions import MICROSECONDS
from app.domain.tariffs.selection import tax_factor
from app.domain.tariffs.session import Exact, PricedSession, Stretch, StretchState


def estimate(
    tariff: Tariff,
    time_zone: ZoneInfo,
    start: datetime,
    energy_wh: Exact,
    duration: timedelta,
    *,
    idle: timedelta = timedelta(),
    power_w: Exact | None = None,
    policy: RatingPolicy = DEFAULT_POLICY,
) -> PricedSession:
    """Price a session that takes `energy_wh` evenly over `duration`, then stands idle for `idle`.

    `power_w` is the power that power-restricted elements see; by default the average of the energy over the duration.
    """
    if power_w is None and duration:
        power_w = Fraction(energy_wh) * 3600 * MICROSECONDS / (duration // timedelta(microseconds=1))
    return rate(tariff, time_zone, _plan(start, energy_wh, duration, idle, power_w), policy)


def worst_case(
    tariff: Tariff,
    time_zone: ZoneInfo,
    start: datetime,
    energy_wh: Exact,
    duration: timedelta,
    *,
    idle: timedelta = timedelta(),
    policy: RatingPolicy = DEFAULT_POLICY,
) -> PricedSession:
    """Price the dearest session of at most this energy, charging time and idle time, whenever and however it runs.

    Each dimension counts in full at the dearest component the tariff has for it, restrictions ignored, with the step
    that rounds up most; a dimension with only negative prices counts as nothing. Idle grace is left out. The
    tariff's maximum price still holds. No reservation is included. The result is what a hold must cover.
    """
    quantities = {
        Dimension.ENERGY: Fraction(energy_wh),
        Dimension.TIME: _seconds(duration),
        Dimension.PARKING_TIME: _seconds(idle),
    }
    dearest = _dearest(tariff, quantities, policy)
    bound = Tariff(
        id=tariff.id,
        currency=tariff.currency,
        elements=(TariffElement(dearest or (PriceComponent(Dimension.FLAT, Decimal(0)),)),),
        tax_included=tariff.tax_included,
        min_price=tariff.min_price,
        max_price=tariff.max_price,
    )
    plans = [_plan(start, energy_wh, duration, pause, None) for pause in {timedelta(), idle}]
    return max((rate(bound, time_zone, plan, policy) for plan in plans), key=payable)


def payable(priced: PricedSession) -> Fraction:
    """Return the exact amount the driver pays: after tax where it is known, else what is known."""
    total = priced.total_incl if priced.total_incl is not None else priced.total_excl
    assert total is not None, "one side of a price is always known"
    return total


def _plan(
    start: datetime, energy_wh: Exact, duration: timedelta, idle: timedelta, power_w: Exact | None
) -> list[Stretch]:
    charged = start + duration
    stretches = [Stretch(start, charged, StretchState.CHARGING, energy_wh, power_w, power_w)]
    if idle:
        stretches.append(Stretch(charged, charged + idle, StretchState.PARKED, 0, 0, 0))
    return stretches


def _dearest(tariff: Tariff, quantities: dict[Dimension, Fraction], policy: RatingPolicy) -> tuple[PriceComponent, ...]:
    components = [
        component
        for element in tariff.elements
        if element.restrictions is None or element.restrictions.reservation is None
        for component in element.price_components
    ]
    gross = _gross_price(tariff, policy)
    dearest: list[PriceComponent] = []
    for dimension in Dimension:
        rivals = [component for component in components if component.type is dimension]
        top = max(rivals, key=gross, default=None)
        if top is not None and top.price > 0:
            step = _widest_step(rivals, quantities.get(dimension, Fraction(1)))
            dearest.append(PriceComponent(dimension, top.price, step, top.vat, top.taxes))
    return tuple(dearest)


def _gross_price(tariff: Tariff, policy: RatingPolicy) -> Callable[[PriceComponent], Fraction]:
    def gross(component: PriceComponent) -> Fraction:
        price = Fraction(component.price)
        factor = tax_factor(component, tariff.tax_included, policy)
        return price if factor is None or tariff.tax_included is TaxIncluded.YES else price * factor

    return gross


def _widest_step(components: Sequence[PriceComponent], quantity: Fraction) -> int:
    """Return the step that rounds this quantity up to the most."""
    steps = {component.step_size for component in components}
    return max(steps, key=lambda step: quantity + (-quantity % step if step else 0))


def _seconds(duration: timedelta) -> Fraction:
    return Fraction(duration // timedelta(microseconds=1), MICROSECONDS)
