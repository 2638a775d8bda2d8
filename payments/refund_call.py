"""Gives captured money back through the processor: which intents it comes from, and the call itself.

A payment may have been captured from several intents (the hold, a later charge, a paid debt). What is given back is
spread over them, never more than an intent received less what it gave back or is about to.
"""

from dataclasses import dataclass

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.kit.money import Money
from payments.books import MONEY_IN
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.intents import KEY_LIFETIME
from payments.operations import OperationKind
from payments.stripe.errors import ReplayedFailureError
from payments.stripe.intent_operations import KEY_METADATA
from payments.stripe.views import RefundView
from payments.tables import LedgerAccount, LedgerEntry, LedgerTransaction, Payment, PaymentOperation

_GIVES_BACK = (OperationKind.REFUND.value, OperationKind.RETURN.value)


@dataclass(frozen=True, slots=True)
class RefundPart:
    """So much is given back from one intent."""

    intent_id: str
    amount: Money


async def plan_refund(uow: UnitOfWork, payment: Payment, amount_minor: int) -> list[RefundPart]:
    """Spread an amount over the payment's intents, the latest first; the caller holds the payment's lock.

    The parts sum to less than the amount where so much is not left.
    """
    left = await _refundable(uow, payment)
    parts: list[RefundPart] = []
    for intent_id, available in reversed(left.items()):
        taken = min(available, amount_minor)
        if taken > 0:
            parts.append(RefundPart(intent_id, Money(taken, payment.currency)))
            amount_minor -= taken
    return parts


async def _refundable(uow: UnitOfWork, payment: Payment) -> dict[str, int]:
    """Return by intent what it received and neither gave back nor is about to, in order of capture."""
    left = await _received(uow, payment)
    operations = await uow.session.scalars(
        select(PaymentOperation).where(
            PaymentOperation.payment_id == payment.id,
            PaymentOperation.operation.in_(_GIVES_BACK),
            PaymentOperation.error.is_(None),
        )
    )
    for operation in operations:
        left[operation.request["intent"]] -= operation.amount_minor or 0
    return left


async def _received(uow: UnitOfWork, payment: Payment) -> dict[str, int]:
    """Return by intent what the books say it received; the key of such a ledger transaction ends with the intent."""
    rows = await uow.session.execute(
        select(LedgerTransaction.key, LedgerEntry.amount_minor)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(
            LedgerTransaction.session_id == payment.session_id,
            LedgerTransaction.kind.in_(MONEY_IN),
            LedgerEntry.account == LedgerAccount.PROCESSOR,
        )
        .order_by(LedgerTransaction.created_at, LedgerTransaction.id)
    )
    return {key.rsplit(":", 1)[1]: amount for key, amount in rows}


async def carry_out_refund(deps: PaymentDeps, operation: PaymentOperation) -> RefundView:
    """Refund as a stored operation says; the same operation again returns the same refund.

    Raises ProcessorUnavailableError where the outcome is unknown, OperationLostError where there surely was none, and
    the processor's refusals.
    """
    if deps.clock.now() - operation.created_at > KEY_LIFETIME:
        return await _look_up(deps, operation)
    assert operation.amount_minor is not None
    try:
        return await deps.gateway.refund(
            operation.request["intent"],
            Money(operation.amount_minor, operation.request["currency"]),
            idempotency_key=operation.key,
        )
    except ReplayedFailureError:
        return await _look_up(deps, operation)


async def _look_up(deps: PaymentDeps, operation: PaymentOperation) -> RefundView:
    for refund in await deps.gateway.list_refunds(operation.request["intent"]):
        if refund.metadata.get(KEY_METADATA) == operation.key:
            return refund
    raise OperationLostError(f"operation {operation.key} had no effect")
