"""Gives a whole hold back, and leaves none behind whose creation was never answered.

The wish to release is stored first (RELEASING). A hold whose creation has no known outcome is created again with the
same key, which returns the hold if there is one, and then cancelled. After a capture there is nothing to release.
"""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import IncidentKind
from payments.books import book_capture
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.hold_place import MAX_KEYS, give_up_key, store_hold
from payments.intents import carry_out
from payments.operations import OperationKind, begin, finish
from payments.rows import enter, lock_payment, require_payment
from payments.stripe.errors import AlreadyCapturedError, ProcessorUnavailableError, ReplayedFailureError
from payments.stripe.views import IntentStatus, IntentView
from payments.tables import Payment, PaymentOperation, PaymentState

_HELD = frozenset({PaymentState.CREATED, PaymentState.REQUIRES_ACTION, PaymentState.AUTHORISED})


async def release(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> None:
    """Release a session's hold; does nothing where there is none or where it was captured.

    Raises ProcessorError where the processor did not confirm it: repeat.
    """
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await lock_payment(uow, session_id)
        if payment is None or payment.state not in _HELD | {PaymentState.RELEASING}:
            return
        await enter(uow, payment, PaymentState.RELEASING)
        pending = await _unanswered_hold(uow, payment)
        if pending is None and payment.intent_id is None:
            await enter(uow, payment, PaymentState.RELEASED)
            return
    if pending is not None:
        await _learn_intent(deps, tenant_id, session_id, pending)
    for _ in range(MAX_KEYS):
        if await _cancelled(deps, tenant_id, session_id):
            return
    raise ProcessorUnavailableError("the processor did not confirm the release")


async def _unanswered_hold(uow: UnitOfWork, payment: Payment) -> PaymentOperation | None:
    return await uow.session.scalar(
        select(PaymentOperation).where(
            PaymentOperation.payment_id == payment.id,
            PaymentOperation.operation == OperationKind.HOLD.value,
            PaymentOperation.done_at.is_(None),
        )
    )


async def _learn_intent(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation) -> None:
    try:
        outcome = await carry_out(deps, operation)
    except OperationLostError as error:
        await give_up_key(deps, tenant_id, session_id, operation, str(error))
        return
    await store_hold(deps, tenant_id, session_id, operation, outcome)


async def _cancelled(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> bool:
    """Cancel the intent with the current key; return whether nothing is left to release."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if payment.state is not PaymentState.RELEASING:
            return True
        intent_id = payment.intent_id
        if intent_id is None:
            await enter(uow, payment, PaymentState.RELEASED)
            return True
        operation = await begin(
            uow, payment, OperationKind.RELEASE, now=deps.clock.now(), request={"intent": intent_id}
        )
    intent, error = await _cancelled_intent(deps, intent_id, operation.key)
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        result = {"intent": intent.id, "status": intent.status.value, "received": intent.amount_received.minor}
        await finish(uow, operation.id, now=deps.clock.now(), result=result, error=error)
        if payment.state is not PaymentState.RELEASING:
            return True
        if intent.status is IntentStatus.CANCELED:
            await enter(uow, payment, PaymentState.RELEASED)
        elif intent.status is IntentStatus.SUCCEEDED:
            await _captured_after_all(uow, payment, intent)
        return payment.state is not PaymentState.RELEASING


async def _cancelled_intent(deps: PaymentDeps, intent_id: str, key: str) -> tuple[IntentView, str | None]:
    """Cancel the intent; return it as it then is, and why the key is spent where it had no effect."""
    try:
        return await deps.gateway.cancel_intent(intent_id, idempotency_key=key), None
    except AlreadyCapturedError as error:
        return error.intent, None
    except ReplayedFailureError as error:
        return await deps.gateway.retrieve_intent(intent_id), str(error)


async def _captured_after_all(uow: UnitOfWork, payment: Payment, intent: IntentView) -> None:
    """Somebody captured by hand what was to be released: keep the books true and call an operator."""
    await book_capture(uow, payment, intent=intent)
    await open_incident(
        uow,
        IncidentKind.PAYMENT_MISMATCH,
        f"{payment.session_id}:captured",
        {"captured_minor": intent.amount_received.minor, "currency": payment.currency, "intent": intent.id},
        session_id=payment.session_id,
    )
