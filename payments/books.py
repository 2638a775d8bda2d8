"""Money taken from a card, put on the payment's row and in the ledger together."""

from app.db.uow import UnitOfWork
from app.kit.money import Money
from payments.ledger import post_payment, post_write_off
from payments.rows import enter
from payments.stripe.views import IntentView
from payments.tables import Payment, PaymentState

MONEY_IN = ("capture", "charge", "debt")
"""The kinds of ledger transactions that book what an intent received."""


async def book_capture(uow: UnitOfWork, payment: Payment, *, intent: IntentView, kind: str = "capture") -> bool:
    """Add what an intent received to the payment, once for the intent; return whether it was new."""
    posted = await post_payment(
        uow,
        key=f"{payment.session_id}:{kind}:{intent.id}",
        kind=kind,
        session_id=payment.session_id,
        driver_id=payment.driver_id,
        amount=intent.amount_received,
    )
    if posted:
        payment.captured_minor += intent.amount_received.minor
        payment.card_brand = intent.card_brand or payment.card_brand
        payment.card_last4 = intent.card_last4 or payment.card_last4
    await enter(uow, payment, PaymentState.CAPTURED)
    return posted


async def waive(uow: UnitOfWork, payment: Payment, amount_minor: int, *, key: str) -> None:
    """Write off a part of the invoice, once by the key."""
    posted = await post_write_off(
        uow,
        key=key,
        session_id=payment.session_id,
        driver_id=payment.driver_id,
        amount=Money(amount_minor, payment.currency),
    )
    if posted:
        payment.waived_minor += amount_minor
