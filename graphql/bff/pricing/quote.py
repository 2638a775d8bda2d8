"""The exact price before a charge: unit prices, the hold, and what a planned charge would cost.

A quote is made by the rating engine that later makes the bill. Its `hash` handed to `startCharging` makes sure that the
driver pays by the tariff that was shown, or learns that it changed.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import strawberry

from app.domain.charging.start_charging import hold_amount
from app.domain.pricing.store import NoTariffError
from app.domain.pricing.tables import TariffRow, TariffSnapshot
from app.domain.stations.status import EvseView
from app.domain.stations.tables import Connector
from app.domain.tariffs import PricedSession, estimate, invoice_totals, worst_case
from app.kit.errors import InvalidInputError, NotFoundError
from bff.access import PublicField
from bff.context import Context, Info
from bff.fields import query
from bff.ids import optional_row_id, row_id
from bff.money import Money
from bff.pricing.in_force import tariff_in_force
from bff.pricing.price import Price, parsed_tariff, price_of
from bff.scalars import BigInt

_MAX_ENERGY_WH = 2_000_000
_MAX_SECONDS = 7 * 24 * 3600
_SECONDS_PER_HOUR = 3600


@strawberry.input
class QuoteInput:
    """What is to be charged, where. `energyWh` and `durationSeconds` plan it; the other follows from the power.

    `idleSeconds`: how long the car would stay after it is full. `maxCostMinor`: the limit the driver would set.
    """

    evse_id: strawberry.ID
    connector_id: strawberry.ID | None = None
    energy_wh: BigInt | None = None
    duration_seconds: int | None = None
    idle_seconds: int = 0
    max_cost_minor: BigInt | None = None


@strawberry.type
class Quote:
    """The price of a charge that starts now, taxes included where they are known.

    `hold` is what is held on the card. `estimate` is what the planned charge costs if it runs evenly, `worstCase` what
    it costs at most, however it runs; both are null without a plan. `priceChangesAhead`: another price can apply later.
    """

    tariff: Price
    hold: Money
    estimate: Money | None
    worst_case: Money | None
    price_changes_ahead: bool


@strawberry.type
class QuoteQueries:
    """The quote; public, for a price is shown before anybody signs in."""

    @query(PublicField())
    @staticmethod
    async def quote(info: Info, input: QuoteInput) -> Quote | None:  # noqa: A002  the API's name
        """Return the exact price of a charge at a charging point."""
        context = info.context
        view = await context.loaders.evses.load(row_id(input.evse_id, "Evse", "evseId"))
        if view is None:
            raise NotFoundError("there is no such charging point", field="evseId")
        connector = _connector(view, input)
        row = await tariff_in_force(context, view.evse, connector)
        location = await context.loaders.locations.load(view.evse.location_id)
        if row is None or location is None:
            raise NoTariffError("no price is published for this charging point", field="evseId")
        power_w = connector.max_power_w if connector else view.evse.max_power_w
        price = price_of(row, location.time_zone, context.services.clock.now(), power_w, context.locale)
        likely, dearest = _planned(context, row, ZoneInfo(location.time_zone), input, power_w)
        return Quote(
            tariff=price,
            hold=_hold(context, row, input.max_cost_minor),
            estimate=likely,
            worst_case=dearest,
            price_changes_ahead=price.may_change,
        )


def _connector(view: EvseView, given: QuoteInput) -> Connector | None:
    wanted = optional_row_id(given.connector_id, "Connector", "connectorId")
    if wanted is None:
        return view.connectors[0] if view.connectors else None
    found = next((connector for connector in view.connectors if connector.id == wanted), None)
    if found is None:
        raise NotFoundError("this charging point has no such connector", field="connectorId")
    return found


def _hold(context: Context, row: TariffRow, max_cost_minor: int | None) -> Money:
    """Return the hold as the start would place it: the tariff's content is frozen there, and looked at here."""
    if max_cost_minor is not None and max_cost_minor <= 0:
        raise InvalidInputError("a limit must be positive", field="maxCostMinor")
    snapshot = TariffSnapshot(tariff_id=row.id, version=row.version, content=row.content, content_hash=row.content_hash)
    amount = hold_amount(context.services.charging, context.tenant, snapshot, max_cost_minor)
    return Money.of(amount, context.locale)


def _planned(
    context: Context, row: TariffRow, zone: ZoneInfo, given: QuoteInput, power_w: int | None
) -> tuple[Money | None, Money | None]:
    """Return the likely and the greatest cost of the plan, None where there is none."""
    plan = _plan(given, power_w)
    if plan is None:
        return None, None
    energy_wh, duration = plan
    tariff, start, idle = parsed_tariff(row), context.services.clock.now(), timedelta(seconds=given.idle_seconds)
    likely = estimate(tariff, zone, start, energy_wh, duration, idle=idle)
    dearest = worst_case(tariff, zone, start, energy_wh, duration, idle=idle)
    return _gross(likely, row.currency, context.locale), _gross(dearest, row.currency, context.locale)


def _plan(given: QuoteInput, power_w: int | None) -> tuple[int, timedelta] | None:
    """Return energy in Wh and duration of the plan; the one that is missing follows from the power."""
    energy, seconds = given.energy_wh, given.duration_seconds
    for name, value, most in (
        ("energyWh", energy, _MAX_ENERGY_WH),
        ("durationSeconds", seconds, _MAX_SECONDS),
        ("idleSeconds", given.idle_seconds, _MAX_SECONDS),
    ):
        if value is not None and not 0 <= value <= most:
            raise InvalidInputError(f"this is not between 0 and {most}", field=name)
    if energy is not None and seconds is None and power_w:
        seconds = -(-energy * _SECONDS_PER_HOUR // power_w)
    if seconds is not None and energy is None and power_w:
        energy = BigInt(seconds * power_w // _SECONDS_PER_HOUR)
    if energy is None or not seconds:
        return None
    return energy, timedelta(seconds=seconds)


def _gross(priced: PricedSession, currency: str, locale: str) -> Money:
    return Money.of(invoice_totals(priced, currency).gross, locale)
