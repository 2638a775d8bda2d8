"""The one rating function: quote, running cost, receipt and CDR all come from `rate`.

Pure and exact: the same tariffs, time zone, stretches and policy always give the same price, as fractions that nothing
has rounded. Money is made of them in `rounding` only.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.tariffs.cut import from_us
from app.domain.tariffs.limits import apply_limits, limit_bounds
from app.domain.tariffs.model import Dimension, Tariff, TaxIncluded
from app.domain.tariffs.policy import DEFAULT_POLICY, RatingPolicy
from app.domain.tariffs.restrictions import MICROSECONDS, Number
from app.domain.tariffs.run import RatingRun
from app.domain.tariffs.session import (
    BilledQuantities,
    Context,
    Costs,
    LimitBounds,
    PricedLine,
    PricedSession,
    Stretch,
    Totals,
)
from app.domain.tariffs.steps import DraftLine, step_surpluses

_TIME_DIMENSIONS = (Dimension.TIME, Dimension.PARKING_TIME)
_ORDER = {dimension: index for index, dimension in enumerate(Dimension)}
_NOTHING = Totals(Fraction(0), Fraction(0))


def rate(
    tariffs: Tariff | Sequence[Tariff],
    time_zone: ZoneInfo,
    stretches: Iterable[Stretch],
    policy: RatingPolicy = DEFAULT_POLICY,
    *,
    cut: bool = True,
    reservation_expired: bool = False,
) -> PricedSession:
    """Price a session exactly.

    `tariffs`: the session's tariff first; a stretch may name another by `tariff_id`. `time_zone` is the location's.
    `cut=True`: `stretches` are metered and the engine cuts them at every threshold. `cut=False`: they are OCPI periods,
    each priced by what is in force at its start. `reservation_expired`: the reservation ended without a session.
    Raises TariffError when the input contradicts itself.
    """
    given = (tariffs,) if isinstance(tariffs, Tariff) else tuple(tariffs)
    run = RatingRun(given, time_zone, policy, cut=cut, reservation_expired=reservation_expired)
    for stretch in stretches:
        run.add(stretch)
    return price_run(run)


def price_run(run: RatingRun) -> PricedSession:
    """Price what a run has accumulated so far; the run can go on afterwards."""
    policy = run.policy
    began = run.session_tariff is not None
    waived = policy.waive_without_energy and began and not run.energy_wh
    drafts = [draft for draft in run.lines if not (waived and draft.candidate.context is Context.SESSION)]
    surpluses = step_surpluses(drafts, policy)
    lines = [_line(draft, surpluses.get(index, 0)) for index, draft in enumerate(drafts)]
    reserved = _sum(line for line in lines if line.context is Context.RESERVATION)
    session = _sum(line for line in lines if line.context is Context.SESSION)
    covered, outside = session, reserved
    if policy.limits_cover_reservation:
        covered, outside = _plus(session, reserved), _NOTHING
    limited, applied, bounds = covered, None, LimitBounds()
    compiled = run.first_tariff
    if compiled.has_limits and (began or policy.limits_cover_reservation) and not waived:
        limited, applied = apply_limits(covered, compiled.tariff, compiled.highest_tax_factor(policy))
        bounds = limit_bounds(compiled.tariff, outside)
    total = _plus(limited, outside)
    return PricedSession(
        currency=run.currency,
        total_excl=total.excl,
        total_incl=total.incl,
        lines=tuple(sorted(lines, key=lambda line: (line.start, line.context, _ORDER[line.dimension]))),
        billed=_billed(lines),
        costs=_costs(lines),
        unpriced={dimension: _measured(dimension, amount) for dimension, amount in run.unpriced.items()},
        idle_grace_s=Fraction(run.idle_grace_us) / MICROSECONDS,
        limit_applied=applied,
        before_limit=_plus(covered, outside),
        bounds=bounds,
    )


def _line(draft: DraftLine, surplus: Number) -> PricedLine:
    candidate = draft.candidate
    component, dimension = candidate.component, draft.dimension
    billed = draft.quantity + surplus
    excl, incl = candidate.amounts(billed)
    untaxed = candidate.tariff.tax_included is TaxIncluded.NOT_APPLICABLE
    return PricedLine(
        dimension=dimension,
        context=candidate.context,
        tariff_id=candidate.tariff.id,
        element_index=candidate.element_index,
        component_index=candidate.component_index,
        start=from_us(draft.start),
        end=from_us(draft.end),
        quantity=_measured(dimension, draft.quantity),
        billed=_measured(dimension, billed),
        step_size=component.step_size,
        unit_price=component.price,
        tax_rate=None if untaxed else component.tax_rate,
        taxes=() if untaxed else component.taxes,
        tax_included=candidate.tax_included,
        amount_excl=excl,
        amount_incl=incl,
    )


def _measured(dimension: Dimension, quantity: Number) -> Fraction:
    """Return a quantity in Wh, seconds or sessions."""
    return Fraction(quantity) / MICROSECONDS if dimension in _TIME_DIMENSIONS else Fraction(quantity)


def _sum(lines: Iterable[PricedLine]) -> Totals:
    total = _NOTHING
    for line in lines:
        total = _plus(total, Totals(line.amount_excl, line.amount_incl))
    return total


def _plus(left: Totals, right: Totals) -> Totals:
    """Add totals; what is unknown stays unknown."""
    return Totals(
        None if left.excl is None or right.excl is None else left.excl + right.excl,
        None if left.incl is None or right.incl is None else left.incl + right.incl,
    )


def _costs(lines: Sequence[PricedLine]) -> Costs:
    session = [line for line in lines if line.context is Context.SESSION]

    def heading(dimension: Dimension) -> Totals:
        return _sum(line for line in session if line.dimension is dimension)

    return Costs(
        fixed=heading(Dimension.FLAT),
        energy=heading(Dimension.ENERGY),
        time=heading(Dimension.TIME),
        parking=heading(Dimension.PARKING_TIME),
        reservation=_sum(line for line in lines if line.context is Context.RESERVATION),
    )


def _billed(lines: Sequence[PricedLine]) -> BilledQuantities:
    def amount(dimension: Dimension, context: Context = Context.SESSION) -> Fraction:
        return sum(
            (line.billed for line in lines if line.dimension is dimension and line.context is context), Fraction(0)
        )

    return BilledQuantities(
        energy_wh=amount(Dimension.ENERGY),
        time_s=amount(Dimension.TIME),
        parking_s=amount(Dimension.PARKING_TIME),
        reservation_s=amount(Dimension.TIME, Context.RESERVATION),
    )
