"""Which component prices a dimension: per dimension the first element that prices it and whose restrictions match.

A tariff is compiled once per rating: candidates per dimension in their order, and the thresholds (minutes of the
day, elapsed time, energy) between which the choice cannot change (OCPI 2.2.1 §11.4.1, ReservationRestrictionType
for reservations: an expired one looks at RESERVATION_EXPIRES first).
"""

from collections.abc import Iterable
from fractions import Fraction

from app.domain.tariffs.model import Dimension, PriceComponent, ReservationRestriction, Tariff, TaxIncluded
from app.domain.tariffs.policy import MissingTaxRate, RatingPolicy
from app.domain.tariffs.restrictions import Conditions, Moment, Number
from app.domain.tariffs.session import Context

Choice = dict[Dimension, "Candidate"]

_UNITS = {
    Dimension.ENERGY: 1000,
    Dimension.FLAT: 1,
    Dimension.TIME: 3_600_000_000,
    Dimension.PARKING_TIME: 3_600_000_000,
}
"""Measured units in one priced unit: Wh in a kWh, microseconds in an hour."""


class Candidate:
    """A component that may price a dimension, with its exact price per measured unit and its tax."""

    __slots__ = (
        "_tax",
        "component",
        "component_index",
        "conditions",
        "context",
        "element_index",
        "tariff",
        "unit_price",
    )

    def __init__(self, tariff: Tariff, position: tuple[int, int], context: Context, policy: RatingPolicy) -> None:
        self.tariff = tariff
        self.element_index, self.component_index = position
        self.context = context
        element = tariff.elements[self.element_index]
        self.component: PriceComponent = element.price_components[self.component_index]
        self.conditions = (
            None
            if element.restrictions is None
            else Conditions(element.restrictions, equal_times_are_whole_day=policy.equal_times_are_whole_day)
        )
        self.unit_price = Fraction(self.component.price) / _UNITS[self.component.type]
        self._tax = tax_factor(self.component, tariff.tax_included, policy)

    @property
    def tax_included(self) -> bool:
        """Whether the published price contains tax."""
        return self.tariff.tax_included is TaxIncluded.YES

    def amounts(self, quantity: Number) -> tuple[Fraction | None, Fraction | None]:
        """Return the exact amounts before and after tax of a quantity in measured units."""
        return with_tax(self.unit_price * quantity, self._tax, self.tax_included)


def tax_factor(component: PriceComponent, included: TaxIncluded | None, policy: RatingPolicy) -> Fraction | None:
    """Return (100 + tax) / 100 of a component, None where the tax is unknown."""
    if included is TaxIncluded.NOT_APPLICABLE:
        return Fraction(1)
    rate = component.tax_rate
    if rate is not None:
        return 1 + Fraction(rate) / 100
    if policy.missing_tax_rate is MissingTaxRate.ZERO:
        return Fraction(1)
    if policy.missing_tax_rate is MissingTaxRate.OCPI and included is not TaxIncluded.YES:
        return Fraction(1)
    return None


def with_tax(amount: Fraction, factor: Fraction | None, included: bool) -> tuple[Fraction | None, Fraction | None]:
    """Return an amount before and after tax; of nothing there is no tax, known or not."""
    if not amount:
        return amount, amount
    if factor is None:
        return (None, amount) if included else (amount, None)
    return (amount / factor, amount) if included else (amount, amount * factor)


class CompiledTariff:
    """A tariff prepared for one rating."""

    def __init__(self, tariff: Tariff, policy: RatingPolicy, *, reservation_expired: bool) -> None:
        self.tariff = tariff
        wanted = (
            (ReservationRestriction.RESERVATION_EXPIRES, ReservationRestriction.RESERVATION)
            if reservation_expired
            else (ReservationRestriction.RESERVATION,)
        )
        self._candidates = {
            Context.SESSION: _candidates(tariff, (None,), Context.SESSION, policy),
            Context.RESERVATION: _candidates(tariff, wanted, Context.RESERVATION, policy),
        }
        conditions = [
            candidate.conditions
            for candidates in self._candidates.values()
            for candidate in candidates
            if candidate.conditions is not None
        ]
        self.wall_minutes = frozenset(minute for each in conditions for minute in each.wall_minutes())
        self.durations_us = _thresholds(each.duration_us for each in conditions)
        self.energies_wh = _thresholds(each.energy_wh for each in conditions)
        self.depends_on_power = any(each.power_w or each.current for each in conditions)

    @property
    def has_limits(self) -> bool:
        """Whether the tariff has a minimum or maximum price."""
        return self.tariff.min_price is not None or self.tariff.max_price is not None

    def choose(self, context: Context, moment: Moment) -> Choice:
        """Return the component in force for each dimension that is priced at this moment."""
        choice: Choice = {}
        for candidate in self._candidates[context]:
            dimension = candidate.component.type
            if dimension not in choice and (candidate.conditions is None or candidate.conditions.match(moment)):
                choice[dimension] = candidate
        return choice

    def highest_tax_factor(self, policy: RatingPolicy) -> Fraction | None:
        """Return the highest tax factor of the session's components; None when none is known."""
        factors = [
            tax_factor(candidate.component, self.tariff.tax_included, policy)
            for candidate in self._candidates[Context.SESSION]
        ]
        return max((factor for factor in factors if factor is not None), default=None)


def _candidates(
    tariff: Tariff, wanted: Iterable[ReservationRestriction | None], context: Context, policy: RatingPolicy
) -> list[Candidate]:
    return [
        Candidate(tariff, (element_index, component_index), context, policy)
        for reservation in wanted
        for element_index, element in enumerate(tariff.elements)
        if (None if element.restrictions is None else element.restrictions.reservation) is reservation
        for component_index in range(len(element.price_components))
    ]


def _thresholds(bounds: Iterable[tuple[Number | None, Number | None] | None]) -> list[Number]:
    return sorted({limit for pair in bounds if pair is not None for limit in pair if limit is not None})
