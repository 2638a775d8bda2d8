"""The content of a receipt: everything it must say, gathered once and stored whole.

Regulation and tax law ask for the seller and VAT id, a number, the EVSE, local times with their offset, energy and
billed seconds, a line for each distinct price, VAT rows, what a limit changed as a line of its own, the frozen
tariff's hash, the meter's first and last reading, and how it was paid. Amounts are minor units, energies Wh, times
ISO 8601.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import UnitOfWork
from app.domain.charging.rating_detail import RatedLine, RatingDetail
from app.domain.charging.tables import ChargingSession, SessionRating
from app.domain.stations.tables import Evse, Location
from payments.tables import Debt, Payment


@dataclass(frozen=True, slots=True)
class ReceiptSources:
    """The rows a receipt is made of; `payment` and `debt` are None where nothing was to pay or is owed."""

    tenant: Tenant
    session: ChargingSession
    rating: SessionRating
    payment: Payment | None
    debt: Debt | None
    evse: Evse | None
    location: Location | None


async def gather(
    uow: UnitOfWork, session: ChargingSession, rating: SessionRating, payment: Payment | None
) -> ReceiptSources:
    """Read what the receipt of a rated session is made of."""
    evse = await uow.session.get(Evse, session.evse_id) if session.evse_id else None
    location_id = session.location_id or (evse.location_id if evse else None)
    return ReceiptSources(
        tenant=await uow.session.get_one(Tenant, uow.tenant_id),
        session=session,
        rating=rating,
        payment=payment,
        debt=await uow.session.scalar(select(Debt).where(Debt.session_id == session.id)),
        evse=evse,
        location=await uow.session.get(Location, location_id) if location_id else None,
    )


def receipt_content(sources: ReceiptSources, number: str, issued_at: datetime) -> dict[str, Any]:
    """Return the receipt's content."""
    rating = sources.rating
    detail = RatingDetail.from_json(rating.detail, rating.currency)
    zone = ZoneInfo(sources.session.time_zone)
    document = detail.to_json()
    lines = [
        {**stored, "start": _local(line.start, zone), "end": _local(line.end, zone)}
        for stored, line in zip(document["lines"], detail.lines, strict=True)
    ]
    return {
        "kind": "RECEIPT",
        "number": number,
        "issued_at": _local(issued_at, ZoneInfo(sources.tenant.time_zone)),
        "seller": seller(sources.tenant),
        "session": _session(sources, zone),
        "currency": rating.currency,
        "lines": lines,
        "limit": document["limit"],
        "vat": document["vat"],
        "net": rating.net_minor,
        "vat_total": rating.vat_minor,
        "gross": rating.gross_minor,
        "billed_seconds": format(_billed_seconds(detail.lines), "f"),
        "tariff": {"id": detail.tariff.id, "hash": detail.tariff.hash} if detail.tariff else None,
        "payment": _payment(sources),
    }


def seller(tenant: Tenant) -> dict[str, str]:
    """Return who sells, as printed on every document."""
    return {
        "brand": tenant.name,
        "name": tenant.seller_name,
        "address": tenant.seller_address,
        "vat_id": tenant.seller_vat_id,
        "support": tenant.support_contact,
    }


def _session(sources: ReceiptSources, zone: ZoneInfo) -> dict[str, Any]:
    session, evse, location = sources.session, sources.evse, sources.location
    return {
        "id": str(session.id),
        "evse_id": (evse.evse_code or evse.source_uid) if evse else None,
        "location": {
            "name": location.name,
            "address": location.address,
            "postal_code": location.postal_code,
            "city": location.city,
            "country": location.country,
        }
        if location
        else None,
        "started_at": _local(session.started_at, zone),
        "energy_ended_at": _local(session.energy_ended_at, zone),
        "ended_at": _local(session.ended_at, zone),
        "time_zone": session.time_zone,
        "energy_wh": session.energy_wh,
        "energy_estimated": session.energy_estimated,
        "meter_start_wh": session.meter_start_wh,
        "meter_stop_wh": session.meter_stop_wh if session.meter_stop_wh is not None else session.meter_last_wh,
    }


def _payment(sources: ReceiptSources) -> dict[str, Any]:
    payment, debt = sources.payment, sources.debt
    return {
        "state": payment.state.value if payment else None,
        "card_brand": payment.card_brand if payment else None,
        "card_last4": payment.card_last4 if payment else None,
        "captured": payment.captured_minor if payment else 0,
        "waived": payment.waived_minor if payment else 0,
        "owed": debt.amount_minor if debt else 0,
    }


def _billed_seconds(lines: tuple[RatedLine, ...]) -> Decimal:
    return sum((line.quantity for line in lines if line.unit == "s"), Decimal(0))


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None
