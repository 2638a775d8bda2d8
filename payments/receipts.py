"""Issues the receipt of a settled session: once, with the next number, in one transaction."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.domain.charging.tables import ChargingSession, SessionRating
from payments.deps import PaymentDeps
from payments.numbering import next_number
from payments.receipt_content import gather, receipt_content
from payments.rows import lock_payment
from payments.tables import BillingDocument, DocumentKind


async def issue_receipt(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> BillingDocument | None:
    """Issue a session's receipt, or return the one it has; None where there was neither energy nor a price."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update={"key_share": True})
        payment = await lock_payment(uow, session_id)
        issued = await receipt_of(uow.session, session_id)
        if issued is not None:
            return issued
        rating = await rating_of(uow, session_id)
        if rating is None or (rating.gross_minor == 0 and session.energy_wh == 0):
            return None
        issued_at = deps.clock.now()
        sources = await gather(uow, session, rating, payment)
        number = await next_number(uow, sources.tenant, DocumentKind.RECEIPT, issued_at)
        document = BillingDocument(
            kind=DocumentKind.RECEIPT,
            number=number,
            session_id=session_id,
            driver_id=session.driver_id,
            issued_at=issued_at,
            currency=rating.currency,
            net_minor=rating.net_minor,
            vat_minor=rating.vat_minor,
            gross_minor=rating.gross_minor,
            content=receipt_content(sources, number, issued_at),
        )
        uow.session.add(document)
        await uow.session.flush()
        return document


async def receipt_of(session: AsyncSession, session_id: UUID) -> BillingDocument | None:
    """Return a charging session's receipt, if it was issued."""
    query = select(BillingDocument).where(
        BillingDocument.session_id == session_id, BillingDocument.kind == DocumentKind.RECEIPT
    )
    return await session.scalar(query)


async def rating_of(uow: UnitOfWork, session_id: UUID) -> SessionRating | None:
    """Return a charging session's final price, if it was rated."""
    return await uow.session.scalar(select(SessionRating).where(SessionRating.session_id == session_id))
