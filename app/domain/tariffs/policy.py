"""Everything the standards leave open about a price, in one documented object.

What OCPI 2.2.1 and 2.3.0 say is code; what they leave open is a field here or, where Voltlane offers no choice,
a sentence of `RatingPolicy`'s docstring. The policy is part of what a price means: the same tariff, stretches and
policy always give the same price.
"""

from dataclasses import dataclass
from enum import StrEnum


class StepSizes(StrEnum):
    """Whether `step_size` is honoured (OCPI 2.x) or ignored (OCPI 3.0 style)."""

    APPLY = "apply"
    IGNORE = "ignore"


class MissingTaxRate(StrEnum):
    """What a component without `vat` and `taxes` means."""

    OCPI = "ocpi"
    """Prices before tax: no tax is due. Prices after tax: the tax is unknown, and so is the total before tax."""
    ZERO = "zero"
    """No tax is due, also when prices are after tax."""
    UNKNOWN = "unknown"
    """The tax is unknown, and so is the total of the other side."""


class IdleGrace(StrEnum):
    """When the tariff's `x_idle_grace_seconds` begin anew."""

    PER_IDLE_PERIOD = "per_idle_period"
    """Whenever idle time follows charging: as the idle time of OCPP 2.1 tariffs counts."""
    PER_SESSION = "per_session"
    """Never: all idle time of the session draws on one grace time."""


@dataclass(frozen=True, slots=True)
class RatingPolicy:
    """The choices; the defaults are Voltlane's.

    Fixed readings, without a choice:

    - Restrictions hold together at each instant: a night window 22:00-06:00 on FRIDAY ends at midnight, because
      then it is no longer Friday. An end time of 00:00 is the end of the day.
    - A window bound inside the hour that a clock change repeats applies in both of its passes; one in the skipped
      hour takes effect when the clock has jumped over it.
    - Power and current restrictions compare the minimum with the stretch's lowest and the maximum with its highest
      figure; without that figure the restriction does not match.
    - Energy is linear in time inside one metered stretch.
    - `step_size` is applied once for all energy and once for time: to the parking total when any parking was
      priced, else to the charging time, over all tariffs of the session, with the step of the last priced component
      and the surplus at its price. Reserved time is rounded on its own. An exact multiple, and nothing at all, stay
      as they are; a step of 0 is none.
    - FLAT is due once for the reservation and once for the session, at the first moment one matches; time in which
      the charger withholds power is no such moment.
    - Limits are those of the tariff in force when the session began. Each limb binds its own total; where one limb
      is absent that total moves in proportion (with nothing to scale: at the tariff's highest rate). A minimum
      above the maximum yields to it.
    - A tariff's validity dates do not end a running session: the tariff in force at the start is frozen with it, and
      whoever calls the engine chose it.
    - Idle grace time is neither priced nor counted for steps, and does not run while the charger withholds power.
    """

    step_sizes: StepSizes = StepSizes.APPLY
    missing_tax_rate: MissingTaxRate = MissingTaxRate.OCPI
    idle_grace: IdleGrace = IdleGrace.PER_IDLE_PERIOD
    equal_times_are_whole_day: bool = True
    """`start_time` = `end_time`: the whole day, as the wrap rule gives; else an empty window."""
    limits_cover_reservation: bool = False
    """Whether minimum and maximum price also bound the reservation's part."""
    waive_without_energy: bool = False
    """A session that took no energy costs nothing: no flat fee, no idle fee, no minimum price."""


DEFAULT_POLICY = RatingPolicy()
