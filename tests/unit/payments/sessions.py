"""A priced session with every kind of line, and the receipt content it leads to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.db.tables import Tenant
from app.domain.charging.rating_detail import RatingDetail, rating_detail
from app.domain.charging.tables import ChargingSession, SessionRating
from app.domain.stations.tables import Evse, Location
from app.domain.tariffs import InvoiceTotals, Stretch, StretchState, Tariff, invoice_totals, rate, simple_tariff
from app.kit.ids import new_id
from payments.receipt_content import ReceiptSources, receipt_content
from payments.tables import Payment, PaymentState

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 20, 9, 15, 3, tzinfo=UTC)
STOP = START + timedelta(minutes=42, seconds=11)
END = START + timedelta(minutes=77)


def full_tariff(max_price: Decimal | None = None) -> Tariff:
    """Return a tariff that prices energy, time, the session and idling, VAT included."""
    return simple_tariff(
        id="tariff-1",
        currency="EUR",
        energy_per_kwh=Decimal("0.59"),
        time_per_minute=Decimal("0.05"),
        idle_per_minute=Decimal("0.10"),
        session_fee=Decimal("0.35"),
        vat_percent=Decimal(19),
        max_price=max_price,
    )


def priced_session(tariff: Tariff, energy_wh: int = 43_217) -> tuple[RatingDetail, InvoiceTotals]:
    """Rate 42:11 minutes of charging and 34:49 minutes of idling."""
    stretches = [Stretch(START, STOP, StretchState.CHARGING, energy_wh), Stretch(STOP, END, StretchState.PARKED)]
    priced = rate(tariff, BERLIN, stretches)
    totals = invoice_totals(priced, tariff.currency)
    return rating_detail(priced, totals, tariff), totals


def full_receipt(max_price: Decimal | None = None) -> dict[str, Any]:
    """Return the content of a receipt with every kind of line."""
    detail, totals = priced_session(full_tariff(max_price))
    session_id = new_id()
    sources = ReceiptSources(
        tenant=Tenant(
            time_zone="Europe/Berlin",
            name="Voltlane Demo",
            seller_name="Voltlane Demo Network GmbH",
            seller_address="Musterstraße 1, 10115 Berlin",
            seller_vat_id="DE123456789",
            support_contact="support@voltlane.invalid",
        ),
        session=ChargingSession(
            id=session_id,
            time_zone="Europe/Berlin",
            started_at=START,
            energy_ended_at=STOP,
            ended_at=END,
            energy_wh=43_217,
            energy_estimated=False,
            meter_start_wh=1_234_567,
            meter_stop_wh=1_277_784,
        ),
        rating=SessionRating(
            net_minor=totals.net.minor,
            vat_minor=totals.vat.minor,
            gross_minor=totals.gross.minor,
            currency="EUR",
            detail=detail.to_json(),
        ),
        payment=Payment(
            state=PaymentState.CAPTURED,
            card_brand="visa",
            card_last4="4242",
            captured_minor=totals.gross.minor,
            waived_minor=0,
        ),
        debt=None,
        evse=Evse(evse_code="DE*VLT*E0001*1", source_uid="1"),
        location=Location(
            name="Ladepark Nord", address="Chausseestraße 1", postal_code="10115", city="Berlin", country="DE"
        ),
    )
    return receipt_content(sources, "R2026-000042", datetime(2026, 11, 20, 10, 40, tzinfo=UTC))
