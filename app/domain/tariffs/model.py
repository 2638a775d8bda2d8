"""The OCPI tariff as immutable values, the same for 2.1.1, 2.2.1 and 2.3.0.

Numbers are `Decimal` exactly as published, never float. Prices are per kWh (ENERGY), per hour (TIME and
PARKING_TIME) and per session (FLAT); step sizes are Wh and seconds (OCPI 2.2.1 §11.4.2). Whether a price contains
tax is said by `tax_included` (OCPI 2.3.0); the earlier versions have none and their prices are before tax.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Dimension(StrEnum):
    """What a price component prices (OCPI TariffDimensionType)."""

    FLAT = "FLAT"
    ENERGY = "ENERGY"
    TIME = "TIME"
    PARKING_TIME = "PARKING_TIME"


class DayOfWeek(StrEnum):
    """Day of the week in the location's time zone; `list(DayOfWeek)` is in the order of `date.weekday()`."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class ReservationRestriction(StrEnum):
    """The element prices a reservation, or a reservation that expired unused."""

    RESERVATION = "RESERVATION"
    RESERVATION_EXPIRES = "RESERVATION_EXPIRES"


class TaxIncluded(StrEnum):
    """Whether prices contain tax (OCPI 2.3.0 TaxIncluded); N/A: no tax is due at all."""

    YES = "YES"
    NO = "NO"
    NOT_APPLICABLE = "N/A"


class TariffType(StrEnum):
    """For which charging preference or payment the tariff is meant (OCPI TariffType)."""

    AD_HOC_PAYMENT = "AD_HOC_PAYMENT"
    PROFILE_CHEAP = "PROFILE_CHEAP"
    PROFILE_FAST = "PROFILE_FAST"
    PROFILE_GREEN = "PROFILE_GREEN"
    REGULAR = "REGULAR"


@dataclass(frozen=True, slots=True)
class Tax:
    """One of several taxes on a component; percentages of the price before taxes, which add up."""

    name: str
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """The price of one dimension; `vat` and `taxes` in percent, `vat=None` means none is stated (not 0 %)."""

    type: Dimension
    price: Decimal
    step_size: int = 1
    vat: Decimal | None = None
    taxes: tuple[Tax, ...] = ()

    @property
    def tax_rate(self) -> Decimal | None:
        """All taxes together in percent, or None when the component names none."""
        if self.vat is None and not self.taxes:
            return None
        return sum((tax.percentage for tax in self.taxes), self.vat or Decimal(0))


@dataclass(frozen=True, slots=True)
class Restrictions:
    """When an element applies: all given conditions hold together (OCPI 2.2.1 §11.4.6).

    Times and dates are the location's wall clock. Minimums are inclusive, maximums exclusive, also `end_date`.
    kWh is the session's energy so far, power in kW, current in A, duration in seconds since the session began.
    """

    start_time: time | None = None
    end_time: time | None = None
    start_date: date | None = None
    end_date: date | None = None
    min_kwh: Decimal | None = None
    max_kwh: Decimal | None = None
    min_current: Decimal | None = None
    max_current: Decimal | None = None
    min_power: Decimal | None = None
    max_power: Decimal | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    day_of_week: tuple[DayOfWeek, ...] = ()
    reservation: ReservationRestriction | None = None


@dataclass(frozen=True, slots=True)
class TariffElement:
    """Price components that share restrictions."""

    price_components: tuple[PriceComponent, ...]
    restrictions: Restrictions | None = None


@dataclass(frozen=True, slots=True)
class PriceLimit:
    """A bound on a session's total; each limb that is given binds its own total."""

    before_taxes: Decimal | None = None
    after_taxes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DisplayText:
    """A text in one language (ISO 639-1)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """An OCPI tariff. `x_idle_grace_seconds` is Voltlane's extension: so much idle time after the energy is free.

    `energy_mix_json` keeps the descriptive energy mix as canonical JSON text: it never decides money.
    """

    id: str
    currency: str
    elements: tuple[TariffElement, ...]
    country_code: str | None = None
    party_id: str | None = None
    type: TariffType | None = None
    tax_included: TaxIncluded | None = None
    min_price: PriceLimit | None = None
    max_price: PriceLimit | None = None
    preauthorize_amount: Decimal | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    last_updated: datetime | None = None
    tariff_alt_text: tuple[DisplayText, ...] = ()
    tariff_alt_url: str | None = None
    energy_mix_json: str | None = None
    x_idle_grace_seconds: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the canonical OCPI object: decimals as strings, nothing that is absent, 2.3.0 names of limits."""
        from app.domain.tariffs.serialize import tariff_to_json

        return tariff_to_json(self)
