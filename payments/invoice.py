"""Books what a session costs in the ledger: once, from its final rating, before any money is taken."""

from typing import Any
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import ChargingSession, IncidentKind, SessionRating
from app.kit.errors import NotFoundError
from app.kit.money import Money
from payments.deps import PaymentDeps
from payments.errors import NoPaymentMethodError, SettlementBlockedError
from payments.hold_prepare import chosen_card
from payments.ledger import post_invoice
from payments.receipts import rating_of
from payments.rows import lock_payment, snapshot
from payments.tables import Payment, PaymentMethod, PaymentState

NO_HOLD = "no_hold"


async def book_invoice(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> int | None:
    """Book a session's invoice and return its gross in minor units; None where the session is free of charge.

    A session without a hold gets a payment in the state FAILED, which carries what becomes of the invoice: by card at
    the charger it may be over before its hold was asked for (queued while offline). The driver's card is named on it,
    so that the remainder is charged there.
    Raises SettlementBlockedError where it is not rated, or rated in another currency than it was held in.
    """
    problem: str | None = None
    async with deps.database.unit_of_work(tenant_id) as uow:
        session = await uow.session.get_one(ChargingSession, session_id)
        if session.free_of_charge:
            return None
        rating = await rating_of(uow, session_id)
        if rating is None:
            raise SettlementBlockedError(f"session {session_id} is not rated")
        payment = await lock_payment(uow, session_id)
        if payment is not None and payment.currency != rating.currency:
            problem = f"held in {payment.currency}, rated in {rating.currency}"
            await _report(uow, session_id, "currency", {"problem": problem})
        elif rating.gross_minor or payment is not None:
            await _book(uow, session, rating, payment or await _without_hold(deps, uow, session, rating))
    if problem:
        raise SettlementBlockedError(problem)
    return rating.gross_minor


async def _book(uow: UnitOfWork, session: ChargingSession, rating: SessionRating, payment: Payment) -> None:
    if payment.invoiced_minor is not None and payment.invoiced_minor != rating.gross_minor:
        detail = {"booked_minor": payment.invoiced_minor, "rated_minor": rating.gross_minor}
        await _report(uow, session.id, "rating_changed", detail)
        return
    payment.invoiced_minor = rating.gross_minor
    await post_invoice(
        uow,
        session_id=session.id,
        driver_id=payment.driver_id,
        net=Money(rating.net_minor, rating.currency),
        vat=Money(rating.vat_minor, rating.currency),
        gross=Money(rating.gross_minor, rating.currency),
    )


async def _without_hold(deps: PaymentDeps, uow: UnitOfWork, session: ChargingSession, rating: SessionRating) -> Payment:
    method = await _card(uow, session)
    payment = Payment(
        session_id=session.id,
        driver_id=session.driver_id,
        payment_method_id=method.id if method else None,
        card_brand=method.brand if method else None,
        card_last4=method.last4 if method else None,
        state=PaymentState.FAILED,
        currency=rating.currency,
        hold_minor=0,
        failure_code=NO_HOLD,
        created_at=deps.clock.now(),
    )
    uow.session.add(payment)
    await uow.record(payment, "payment.created", snapshot(payment))
    return payment


async def _card(uow: UnitOfWork, session: ChargingSession) -> PaymentMethod | None:
    if session.driver_id is None:
        return None
    try:
        return await chosen_card(uow, session.driver_id, session.payment_method_id)
    except (NoPaymentMethodError, NotFoundError):
        return None


async def _report(uow: UnitOfWork, session_id: UUID, what: str, detail: dict[str, Any]) -> None:
    await open_incident(uow, IncidentKind.PAYMENT_MISMATCH, f"{session_id}:{what}", detail, session_id=session_id)
