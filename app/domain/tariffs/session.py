"""What goes into a rating (stretches of a session) and what comes out (the priced session), as values.

Amounts in a result are exact `Fraction`s of the currency's major unit; only `rounding` makes money of them.
Energy is Wh, time seconds, both exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from app.domain.tariffs.errors import TariffError
from app.domain.tariffs.model import Dimension, Tax

Exact = int | Decimal | Fraction

_FIRST_YEAR, _LAST_YEAR = 1971, 2999


class StretchState(StrEnum):
    """What the charger and the vehicle did during a stretch."""

    RESERVED = "RESERVED"
    """The EVSE was kept free for the driver."""
    CHARGING = "CHARGING"
    """The vehicle may take energy: ENERGY and TIME."""
    PARKED = "PARKED"
    """The vehicle asks for no power: PARKING_TIME (OCPI 2.3.0 §11.4.7), and ENERGY should any flow."""
    SUSPENDED_EVSE = "SUSPENDED_EVSE"
    """The charger withholds power: priced by nothing."""


class Context(StrEnum):
    """Which part of the document a line belongs to."""

    RESERVATION = "reservation"
    SESSION = "session"


class Limit(StrEnum):
    """Which limit decided a total."""

    MIN_PRICE = "min_price"
    MAX_PRICE = "max_price"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a session with one state; `start` inclusive, `end` exclusive, both aware.

    `energy_wh` is what flowed inside it. Power is W, current A, as lowest and highest figure, None when not measured.
    `volumes` (hours by dimension, from a CDR) replace the clock when given. Raises TariffError on impossible values.
    """

    start: datetime
    end: datetime
    state: StretchState
    energy_wh: Exact = 0
    min_power_w: Exact | None = None
    max_power_w: Exact | None = None
    min_current_a: Exact | None = None
    max_current_a: Exact | None = None
    tariff_id: str | None = None
    volumes: Mapping[Dimension, Exact] | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise TariffError("stretch", "start and end need a time zone")
        if self.end < self.start:
            raise TariffError("stretch", "ends before it starts")
        if self.start.year < _FIRST_YEAR or self.end.year > _LAST_YEAR:
            raise TariffError("stretch", f"must lie in the years {_FIRST_YEAR} to {_LAST_YEAR}")
        if isinstance(self.energy_wh, float):
            raise TariffError("stretch.energy_wh", "binary floats are not exact")
        if self.energy_wh < 0:
            raise TariffError("stretch.energy_wh", "must not be negative")


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One price component applied to one uninterrupted quantity.

    `quantity` is measured, `billed` is after `step_size`; both in Wh, seconds or (FLAT) sessions. `unit_price` is as
    published: per kWh, per hour, per session. `tax_rate` in percent. One amount is None where the tax is unknown.
    """

    dimension: Dimension
    context: Context
    tariff_id: str
    element_index: int
    component_index: int
    start: datetime
    end: datetime
    quantity: Fraction
    billed: Fraction
    step_size: int
    unit_price: Decimal
    tax_rate: Decimal | None
    taxes: tuple[Tax, ...]
    tax_included: bool
    amount_excl: Fraction | None
    amount_incl: Fraction | None


@dataclass(frozen=True, slots=True)
class Totals:
    """An exact amount before and after tax; None means unknown."""

    excl: Fraction | None
    incl: Fraction | None


@dataclass(frozen=True, slots=True)
class BilledQuantities:
    """What was priced, after `step_size`: Wh and seconds."""

    energy_wh: Fraction
    time_s: Fraction
    parking_s: Fraction
    reservation_s: Fraction


@dataclass(frozen=True, slots=True)
class Costs:
    """The lines' sums under the headings of an OCPI CDR, before limits."""

    fixed: Totals
    energy: Totals
    time: Totals
    parking: Totals
    reservation: Totals


@dataclass(frozen=True, slots=True)
class LimitBounds:
    """The published floor and ceiling of the document, before and after tax: rounding must not cross them."""

    floor: Totals = field(default_factory=lambda: Totals(None, None))
    ceiling: Totals = field(default_factory=lambda: Totals(None, None))


@dataclass(frozen=True, slots=True)
class PricedSession:
    """The explained price of a session. Lines are in order of time; totals include the limits.

    `unpriced` is what was consumed but priced by no component: seconds, or Wh for ENERGY. `idle_grace_s` is the idle
    time that the tariff's grace made free.
    """

    currency: str
    total_excl: Fraction | None
    total_incl: Fraction | None
    lines: tuple[PricedLine, ...]
    billed: BilledQuantities
    costs: Costs
    unpriced: Mapping[Dimension, Fraction]
    idle_grace_s: Fraction
    limit_applied: Limit | None
    before_limit: Totals
    bounds: LimitBounds
