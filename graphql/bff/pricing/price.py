"""A tariff as the app shows it: unit prices in the order the law asks, exact, with a text in two languages.

Regulation (EU) 2023/1804 (AFIR) Article 5(4): per kWh, per minute, per session, then any other component.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from app.domain.pricing.tables import TariffRow
from app.domain.tariffs import PriceComponentView, PriceKind, PriceUnit, Tariff, describe, parse_tariff
from app.kit.money import Money as ExactMoney
from bff.ids import global_id
from bff.money import Money
from bff.pricing.summary import summary

_PLACES = 6


@strawberry.type
class PriceComponent:
    """One unit price. Gross and net are exact to six places, null where the tax is not stated.

    `graceSeconds`: so much idle time is free after the energy ends. `fromSessionSecond`: the price begins only so long
    after the session began. `mayChange`: later in the session another price can apply.
    """

    kind: PriceKind
    unit: PriceUnit
    gross_price: Decimal | None
    net_price: Decimal | None
    vat_rate: Decimal | None
    step_size: int
    grace_seconds: int
    from_session_second: int
    may_change: bool

    @classmethod
    def of(cls, view: PriceComponentView) -> "PriceComponent":
        """Return a component of a described tariff."""
        return cls(
            kind=view.kind,
            unit=view.unit,
            gross_price=exact_decimal(view.gross),
            net_price=exact_decimal(view.net),
            vat_rate=view.tax_rate,
            step_size=view.step_size,
            grace_seconds=view.grace_seconds,
            from_session_second=view.from_session_second,
            may_change=view.may_change,
        )


@strawberry.type
class PriceSummary:
    """The price in one line, in each of the API's languages."""

    de: str
    en: str


@strawberry.type
class Price:
    """The tariff in force at a connector. `hash` names its exact content: hand it to `startCharging`.

    `mayChange`: during a session that starts now another price can come into force.
    """

    tariff_id: strawberry.ID
    hash: str
    currency: str
    components: list[PriceComponent]
    idle_grace_seconds: int
    min_price: Money | None
    max_price: Money | None
    may_change: bool
    summary: PriceSummary


def price_of(row: TariffRow, time_zone: str, at: datetime, power_w: int | None, locale: str) -> Price:
    """Return a tariff's prices for a session that would start at `at`, with the connector's power."""
    tariff = parsed_tariff(row)
    views = describe(tariff, ZoneInfo(time_zone), at, power_w=power_w)
    limits = {view.kind: view for view in views}
    return Price(
        tariff_id=strawberry.ID(global_id("Tariff", row.id)),
        hash=row.content_hash,
        currency=row.currency,
        components=[PriceComponent.of(view) for view in views],
        idle_grace_seconds=tariff.x_idle_grace_seconds,
        min_price=_limit(limits.get(PriceKind.MIN_PRICE), locale),
        max_price=_limit(limits.get(PriceKind.MAX_PRICE), locale),
        may_change=any(view.may_change for view in views),
        summary=PriceSummary(de=summary(views, "de"), en=summary(views, "en")),
    )


def parsed_tariff(row: TariffRow) -> Tariff:
    """Return the rating engine's tariff of a row; the same content is parsed once."""
    return _parsed(row.id, row.content_hash, _Content(row.content))


def exact_decimal(value: Fraction | None) -> Decimal | None:
    """Return an exact price as a decimal of at most six places, without closing zeros."""
    if value is None:
        return None
    scaled = round(value * 10**_PLACES)
    number = Decimal(scaled).scaleb(-_PLACES)
    text = format(number, "f").rstrip("0").rstrip(".")
    return Decimal(text if text not in ("", "-") else "0")


class _Content:
    """A tariff's JSON that counts as equal, for the cache's keys beside it say which content it is."""

    def __init__(self, document: dict[str, object]) -> None:
        self.document = document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=512)
def _parsed(row_id: UUID, content_hash: str, content: _Content) -> Tariff:
    return parse_tariff(content.document)


def _limit(view: PriceComponentView | None, locale: str) -> Money | None:
    amount = None if view is None else view.gross if view.gross is not None else view.net
    return None if view is None or amount is None else Money.of(ExactMoney.from_exact(amount, view.currency), locale)
