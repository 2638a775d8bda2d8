"""The OCPI rating engine: pure functions over immutable values, exact to the end, no database and no IO.

    parse_tariff / load_tariff_json / simple_tariff   -> Tariff      what is published
    describe                                          -> unit prices, as an app shows them before the start
    estimate / worst_case                             -> PricedSession, before the start
    build_stretches                                   -> Stretch...  what happened, from meter and charger
    rate                                              -> PricedSession, exact and explained line by line
    invoice_totals                                    -> InvoiceTotals, the one place where money is rounded
    priced_json                                       -> the priced session as plain JSON values

Quote, running cost, receipt and CDR all come from `rate`; see `RatingPolicy` for what the standards leave open.
"""

from app.domain.tariffs.builder import simple_tariff
from app.domain.tariffs.describe import PriceComponentView, PriceKind, PriceUnit, describe
from app.domain.tariffs.errors import TariffError
from app.domain.tariffs.model import (
    DayOfWeek,
    Dimension,
    DisplayText,
    PriceComponent,
    PriceLimit,
    ReservationRestriction,
    Restrictions,
    Tariff,
    TariffElement,
    TariffType,
    Tax,
    TaxIncluded,
)
from app.domain.tariffs.parse import load_tariff_json, parse_tariff
from app.domain.tariffs.policy import DEFAULT_POLICY, IdleGrace, MissingTaxRate, RatingPolicy, StepSizes
from app.domain.tariffs.quote import estimate, payable, worst_case
from app.domain.tariffs.rate import price_run, rate
from app.domain.tariffs.report import priced_json
from app.domain.tariffs.rounding import InvoiceTotals, VatLine, invoice_totals
from app.domain.tariffs.run import RatingRun
from app.domain.tariffs.serialize import content_hash
from app.domain.tariffs.session import (
    BilledQuantities,
    Context,
    Costs,
    Limit,
    LimitBounds,
    PricedLine,
    PricedSession,
    Stretch,
    StretchState,
    Totals,
)
from app.domain.tariffs.stretches import MeterReading, StateChange, build_stretches

__all__ = [
    "DEFAULT_POLICY",
    "BilledQuantities",
    "Context",
    "Costs",
    "DayOfWeek",
    "Dimension",
    "DisplayText",
    "IdleGrace",
    "InvoiceTotals",
    "Limit",
    "LimitBounds",
    "MeterReading",
    "MissingTaxRate",
    "PriceComponent",
    "PriceComponentView",
    "PriceKind",
    "PriceLimit",
    "PriceUnit",
    "PricedLine",
    "PricedSession",
    "RatingPolicy",
    "RatingRun",
    "ReservationRestriction",
    "Restrictions",
    "StateChange",
    "StepSizes",
    "Stretch",
    "StretchState",
    "Tariff",
    "TariffElement",
    "TariffError",
    "TariffType",
    "Tax",
    "TaxIncluded",
    "Totals",
    "VatLine",
    "build_stretches",
    "content_hash",
    "describe",
    "estimate",
    "invoice_totals",
    "load_tariff_json",
    "parse_tariff",
    "payable",
    "price_run",
    "priced_json",
    "rate",
    "simple_tariff",
    "worst_case",
]
