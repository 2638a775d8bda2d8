"""The unit prices in force, as an app shows them before the start: in the order the law asks.

Regulation (EU) 2023/1804 (AFIR) Article 5(4) asks for the price per kWh, per minute, per session, then any other
component. Minute prices are exact: the hourly OCPI price divided by 60, as a fraction.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.tariffs.model import Dimension, PriceLimit, Tariff, TariffElement
from app.domain.tariffs.policy import DEFAULT_POLICY, RatingPolicy
from app.domain.tariffs.restrictions import MICROSECONDS, Moment
from app.domain.tariffs.selection import Candidate, CompiledTariff
from app.domain.tariffs.session import Context, Stretch, StretchState


class PriceKind(StrEnum):
    """What a view's price is for; in the order of display."""

    ENERGY = "ENERGY"
    TIME = "TIME"
    FLAT = "FLAT"
    IDLE = "IDLE"
    RESERVATION_TIME = "RESERVATION_TIME"
    RESERVATION_FLAT = "RESERVATION_FLAT"
    MIN_PRICE = "MIN_PRICE"
    MAX_PRICE = "MAX_PRICE"


class PriceUnit(StrEnum):
    """What one price is for."""

    KWH = "KWH"
    MINUTE = "MINUTE"
    SESSION = "SESSION"


@dataclass(frozen=True, slots=True)
class PriceComponentView:
    """One price, gross and net per unit, exact; None where the tax is unknown or, for a limit, the limb is absent.

    `published_price` is the OCPI figure (per hour for times). `grace_seconds`: so much idle time is free after the
    energy ends; `from_session_second`: the price begins only so long after the session began. `may_change`: later in
    the session another price can apply (time of use, tiers, duration, power).
    """

    kind: PriceKind
    unit: PriceUnit
    currency: str
    gross: Fraction | None
    net: Fraction | None
    tax_rate: Decimal | None
    published_price: Decimal | None
    step_size: int
    grace_seconds: int
    from_session_second: int
    may_change: bool


_SESSION_KINDS = (
    (Dimension.ENERGY, PriceKind.ENERGY, PriceUnit.KWH, 1000),
    (Dimension.TIME, PriceKind.TIME, PriceUnit.MINUTE, 60 * MICROSECONDS),
    (Dimension.FLAT, PriceKind.FLAT, PriceUnit.SESSION, 1),
    (Dimension.PARKING_TIME, PriceKind.IDLE, PriceUnit.MINUTE, 60 * MICROSECONDS),
)
_RESERVATION_KINDS = (
    (Dimension.TIME, PriceKind.RESERVATION_TIME, PriceUnit.MINUTE, 60 * MICROSECONDS),
    (Dimension.FLAT, PriceKind.RESERVATION_FLAT, PriceUnit.SESSION, 1),
)


def describe(
    tariff: Tariff,
    time_zone: ZoneInfo,
    at: datetime,
    policy: RatingPolicy = DEFAULT_POLICY,
    *,
    power_w: int | None = None,
) -> tuple[PriceComponentView, ...]:
    """Return the prices of a session that would start at `at`: kWh, minute, session, idle, reservation, limits.

    `power_w` is the power to be expected (the connector's, or less for a small car); without it elements restricted to
    a power do not match. A dimension the tariff does not price is absent.
    """
    compiled = CompiledTariff(tariff, policy, reservation_expired=False)
    moment = _moment(compiled, time_zone, at, power_w)
    views: list[PriceComponentView] = []
    for context, kinds in ((Context.SESSION, _SESSION_KINDS), (Context.RESERVATION, _RESERVATION_KINDS)):
        now = compiled.choose(context, moment)
        for dimension, kind, unit, size in kinds:
            candidate, since = now.get(dimension), 0
            if candidate is None or (dimension is Dimension.PARKING_TIME and not candidate.component.price):
                later = _later(compiled, context, dimension, moment)
                candidate, since = later if later is not None else (candidate, 0)
            if candidate is not None:
                grace = tariff.x_idle_grace_seconds if kind is PriceKind.IDLE else 0
                views.append(_view(candidate, kind, unit, size, grace=grace, since=since))
    views.extend(_limit_views(tariff))
    return tuple(views)


def _moment(compiled: CompiledTariff, time_zone: ZoneInfo, at: datetime, power_w: int | None) -> Moment:
    stretch = Stretch(at, at, StretchState.CHARGING, 0, power_w, power_w)
    return Moment(at.astimezone(time_zone) if compiled.wall_minutes else None, 0, 0, stretch)


def _later(
    compiled: CompiledTariff, context: Context, dimension: Dimension, moment: Moment
) -> tuple[Candidate, int] | None:
    """Return the first priced component that comes into force by the session's duration alone, and when."""
    for elapsed_us in compiled.durations_us:
        then = replace(moment, elapsed_us=elapsed_us)
        if then.local is not None:
            then.local = (then.local.astimezone(UTC) + timedelta(microseconds=int(elapsed_us))).astimezone(
                then.local.tzinfo
            )
        candidate = compiled.choose(context, then).get(dimension)
        if candidate is not None and candidate.component.price:
            return candidate, int(elapsed_us) // MICROSECONDS
    return None


def _view(
    candidate: Candidate, kind: PriceKind, unit: PriceUnit, size: int, *, grace: int, since: int
) -> PriceComponentView:
    net, gross = candidate.amounts(size)
    component = candidate.component
    return PriceComponentView(
        kind=kind,
        unit=unit,
        currency=candidate.tariff.currency,
        gross=gross,
        net=net,
        tax_rate=component.tax_rate,
        published_price=component.price,
        step_size=component.step_size,
        grace_seconds=grace,
        from_session_second=since,
        may_change=_prices_elsewhere(candidate),
    )


def _prices_elsewhere(candidate: Candidate) -> bool:
    """Tell whether another element prices the same dimension in the same context, or this one can end."""
    if candidate.conditions is not None and candidate.conditions.can_change:
        return True
    reserved = candidate.context is Context.RESERVATION
    return any(
        component.type is candidate.component.type and _is_reserved(element) is reserved
        for element in candidate.tariff.elements[: candidate.element_index]
        for component in element.price_components
    )


def _is_reserved(element: TariffElement) -> bool:
    return element.restrictions is not None and element.restrictions.reservation is not None


def _limit_views(tariff: Tariff) -> list[PriceComponentView]:
    limits: tuple[tuple[PriceKind, PriceLimit | None], ...] = (
        (PriceKind.MIN_PRICE, tariff.min_price),
        (PriceKind.MAX_PRICE, tariff.max_price),
    )
    return [
        PriceComponentView(
            kind=kind,
            unit=PriceUnit.SESSION,
            currency=tariff.currency,
            gross=None if limit.after_taxes is None else Fraction(limit.after_taxes),
            net=None if limit.before_taxes is None else Fraction(limit.before_taxes),
            tax_rate=None,
            published_price=None,
            step_size=0,
            grace_seconds=0,
            from_session_second=0,
            may_change=False,
        )
        for kind, limit in limits
        if limit is not None
    ]
