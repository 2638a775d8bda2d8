"""Credit notes: how a receipt is corrected, never edited.

A partial refund is spread over the receipt's VAT rates in proportion. Shares are taken of the running total, so that
all credit notes of a receipt together credit exactly what it charged, at every rate.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.db.tables import Tenant
from app.db.uow import UnitOfWork
from app.domain.charging.rating_detail import VatRow
from app.kit.money import round_half_up
from payments.numbering import next_number
from payments.receipt_content import seller
from payments.tables import BillingDocument, DocumentKind, Payment


@dataclass(frozen=True, slots=True)
class Credit:
    """What a credit note gives back: in total and by VAT rate, minor units."""

    net_minor: int
    vat_minor: int
    gross_minor: int
    rows: tuple[VatRow, ...]


def credit_share(rows: tuple[VatRow, ...], credited_before: int, amount: int) -> Credit:
    """Return the share of a receipt's VAT rows that `amount` credits after `credited_before` was credited already."""
    before, after = _running(rows, credited_before), _running(rows, credited_before + amount)
    shares = tuple(
        VatRow(new.rate, new.net - old.net, new.vat - old.vat, new.gross - old.gross)
        for old, new in zip(before, after, strict=True)
    )
    vat = sum(share.vat for share in shares)
    return Credit(amount - vat, vat, amount, tuple(share for share in shares if share.gross))


def _running(rows: tuple[VatRow, ...], credited: int) -> list[VatRow]:
    """Return by rate what is credited once `credited` of the receipt's gross is."""
    total = sum(row.gross for row in rows)
    running: list[VatRow] = []
    covered = given = 0
    for row in rows:
        covered += row.gross
        gross = round_half_up(Fraction(covered * credited, total)) - given
        given += gross
        vat = round_half_up(Fraction(row.vat * gross, row.gross)) if row.gross else 0
        running.append(VatRow(row.rate, gross - vat, vat, gross))
    return running


async def issue_credit_note(
    uow: UnitOfWork,
    payment: Payment,
    receipt: BillingDocument,
    *,
    refund_key: str,
    amount: int,
    reason: str,
    now: datetime,
) -> Credit:
    """Issue the credit note of a refund with the next number; return what it credits. The payment's lock is held."""
    tenant = await uow.session.get_one(Tenant, uow.tenant_id)
    credited = await uow.session.scalar(
        select(func.coalesce(func.sum(BillingDocument.gross_minor), 0)).where(
            BillingDocument.session_id == payment.session_id, BillingDocument.kind == DocumentKind.CREDIT_NOTE
        )
    )
    rows = tuple(VatRow(row["rate"], row["net"], row["vat"], row["gross"]) for row in receipt.content["vat"])
    credit = credit_share(rows, int(credited or 0), amount)
    number = await next_number(uow, tenant, DocumentKind.CREDIT_NOTE, now)
    uow.session.add(
        BillingDocument(
            kind=DocumentKind.CREDIT_NOTE,
            number=number,
            session_id=payment.session_id,
            driver_id=payment.driver_id,
            refund_key=refund_key,
            issued_at=now,
            currency=payment.currency,
            net_minor=credit.net_minor,
            vat_minor=credit.vat_minor,
            gross_minor=credit.gross_minor,
            content=_content(tenant, receipt, payment, credit, number=number, reason=reason, now=now),
        )
    )
    await uow.session.flush()
    return credit


def _content(
    tenant: Tenant,
    receipt: BillingDocument,
    payment: Payment,
    credit: Credit,
    *,
    number: str,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    issued_at = now.astimezone(ZoneInfo(tenant.time_zone)).isoformat(timespec="seconds")
    return {
        "kind": "CREDIT_NOTE",
        "number": number,
        "issued_at": issued_at,
        "seller": seller(tenant),
        "corrects": {"number": receipt.number, "issued_at": receipt.content["issued_at"]},
        "reason": reason,
        "session": receipt.content["session"],
        "currency": receipt.currency,
        "vat": [{"rate": row.rate, "net": row.net, "vat": row.vat, "gross": row.gross} for row in credit.rows],
        "net": credit.net_minor,
        "vat_total": credit.vat_minor,
        "gross": credit.gross_minor,
        "payment": {"card_brand": payment.card_brand, "card_last4": payment.card_last4, "refunded": credit.gross_minor},
    }
