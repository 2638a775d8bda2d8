"""Refunds by an operator: never more than was captured and not yet refunded, each with its credit note.

The refund and its calls are stored before the first of them; money, credit note and ledger are booked together once the
processor has confirmed. The caller's idempotency key names the refund, so it happens once.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.db.idempotency import claim
from app.db.uow import UnitOfWork
from app.domain.operators.actor import AdminActor
from app.kit.errors import NotFoundError
from app.kit.money import Money
from payments.credit_note import issue_credit_note
from payments.deps import PaymentDeps
from payments.errors import OperationLostError, RefundRefusedError
from payments.hold_place import MAX_KEYS, give_up_key
from payments.ledger import post_refund
from payments.operations import OperationKind, begin, finish
from payments.receipts import receipt_of
from payments.refund_call import carry_out_refund, plan_refund
from payments.rows import enter, lock_payment, require_payment
from payments.stripe.errors import ProcessorCredentialsError, ProcessorError, ProcessorUnavailableError
from payments.tables import Payment, PaymentOperation, PaymentState, Refund

_KEYS_OF = "operators"
"""A refund's key names it whoever of the operators asks."""
_REFUNDABLE = frozenset({PaymentState.CAPTURED, PaymentState.DEBT, PaymentState.DISPUTED})


async def refund_session(
    deps: PaymentDeps,
    tenant_id: UUID,
    session_id: UUID,
    *,
    amount_minor: int,
    reason: str,
    requested_by: str,
    idempotency_key: str,
    admin: AdminActor | None = None,
) -> UUID:
    """Refund part or all of a settled session's payment; return the refund's id. The same key again is the same refund.

    Raises RefundRefusedError, NotFoundError, IdempotencyConflictError (same key, other amount or reason), and
    ProcessorUnavailableError where the outcome is unknown: repeat. With `admin` the refund is audited.
    """
    key = hashlib.sha256(f"{session_id}:{idempotency_key}".encode()).hexdigest()
    refund_id = await _request(deps, tenant_id, session_id, amount_minor, reason, requested_by, key, admin)
    await complete_refund(deps, tenant_id, session_id, refund_id)
    return refund_id


async def _request(
    deps: PaymentDeps,
    tenant_id: UUID,
    session_id: UUID,
    amount: int,
    reason: str,
    requested_by: str,
    key: str,
    admin: AdminActor | None,
) -> UUID:
    """Store the refund and its calls, once by the key."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await lock_payment(uow, session_id)
        if payment is None:
            raise NotFoundError("the session has no payment")
        request = {"amount": amount, "reason": reason}
        await claim(uow, actor=_KEYS_OF, operation="refundSession", key=key, request=request)
        known = await uow.session.scalar(select(Refund).where(Refund.key == key))
        if known is not None:
            return known.id
        await _require_refundable(uow, payment, amount)
        refund = Refund(
            payment_id=payment.id,
            key=key,
            amount_minor=amount,
            reason=reason,
            requested_by=requested_by,
            created_at=deps.clock.now(),
        )
        uow.session.add(refund)
        await uow.session.flush()
        if admin is not None:
            given = {"amount_minor": amount, "currency": payment.currency, "reason": reason, "refund": str(refund.id)}
            admin.record(uow, "refundSession", given, session_id)
        await _store_calls(uow, payment, refund, deps.clock.now())
        return refund.id


async def _store_calls(uow: UnitOfWork, payment: Payment, refund: Refund, now: datetime) -> None:
    parts = await plan_refund(uow, payment, refund.amount_minor)
    if sum(part.amount.minor for part in parts) != refund.amount_minor:
        raise RefundRefusedError("the processor does not hold that much of this payment", field="amount")
    for number, part in enumerate(parts):
        await begin(
            uow,
            payment,
            OperationKind.REFUND,
            now=now,
            amount=part.amount,
            request={"intent": part.intent_id, "currency": payment.currency, "refund": str(refund.id)},
            subject=f"{refund.id.hex}:{number}",
        )


async def _require_refundable(uow: UnitOfWork, payment: Payment, amount: int) -> None:
    pending = await uow.session.scalar(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.payment_id == payment.id, Refund.completed_at.is_(None), Refund.failure_code.is_(None)
        )
    )
    left = payment.captured_minor - payment.refunded_minor - int(pending or 0)
    if amount <= 0:
        raise RefundRefusedError("a refund is more than nothing", field="amount")
    if payment.state not in _REFUNDABLE or left <= 0:
        raise RefundRefusedError("nothing of this payment can be refunded")
    if amount > left:
        raise RefundRefusedError(f"at most {left} can be refunded", field="amount")
    if await receipt_of(uow.session, payment.session_id) is None:
        raise RefundRefusedError("the session has no receipt that a credit note could correct")


async def complete_refund(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, refund_id: UUID) -> None:
    """Carry out what is left of a refund and book it. Raises ProcessorUnavailableError and RefundRefusedError."""
    refusal: str | None = None
    for _ in range(MAX_KEYS):
        pending = await _pending(deps, tenant_id, refund_id)
        if not pending:
            break
        for operation in pending:
            refusal = await _carry_out(deps, tenant_id, session_id, operation) or refusal
    if refusal is None and await _pending(deps, tenant_id, refund_id):
        raise ProcessorUnavailableError("the processor did not confirm the refund")
    async with deps.database.unit_of_work(tenant_id) as uow:
        await _book(deps, uow, session_id, refund_id, refusal)
    if refusal is not None:
        raise RefundRefusedError(f"the processor refused the refund: {refusal}")


async def _pending(deps: PaymentDeps, tenant_id: UUID, refund_id: UUID) -> list[PaymentOperation]:
    async with deps.database.read(tenant_id) as session:
        operations = await session.scalars(
            select(PaymentOperation).where(
                PaymentOperation.operation == OperationKind.REFUND.value,
                PaymentOperation.request["refund"].astext == str(refund_id),
                PaymentOperation.done_at.is_(None),
            )
        )
        return list(operations)


async def _carry_out(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation) -> str | None:
    """Make one call of a refund and store its outcome; return why it was refused, if it was."""
    try:
        given = await carry_out_refund(deps, operation)
        refusal = None if given.status in ("succeeded", "pending") else given.status
        result = {"refund": given.id, "status": given.status}
    except OperationLostError as error:
        await _next_key(deps, tenant_id, session_id, operation, str(error))
        return None
    except (ProcessorUnavailableError, ProcessorCredentialsError):
        raise
    except ProcessorError as error:
        refusal, result = error.code or type(error).__name__, None
    async with deps.database.unit_of_work(tenant_id) as uow:
        await require_payment(uow, session_id)
        await finish(uow, operation.id, now=deps.clock.now(), result=result, error=refusal)
    return refusal


async def _next_key(
    deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation, error: str
) -> None:
    await give_up_key(deps, tenant_id, session_id, operation, error)
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        await begin(
            uow,
            payment,
            OperationKind.REFUND,
            now=deps.clock.now(),
            amount=Money(operation.amount_minor or 0, payment.currency),
            request=operation.request,
            subject=":".join(operation.key.split(":")[2:4]),
        )


async def _book(deps: PaymentDeps, uow: UnitOfWork, session_id: UUID, refund_id: UUID, refusal: str | None) -> None:
    """Book what was given back; a refund that the processor refused in part is reduced to the rest."""
    payment = await require_payment(uow, session_id)
    refund = await uow.session.get_one(Refund, refund_id)
    if refund.completed_at is not None or refund.failure_code is not None:
        return
    operations = await uow.session.scalars(
        select(PaymentOperation).where(PaymentOperation.request["refund"].astext == str(refund_id))
    )
    given = [operation for operation in operations if operation.done_at and operation.error is None]
    amount = sum(operation.amount_minor or 0 for operation in given)
    refund.failure_code = refusal[:80] if refusal else None
    if not given:
        return
    refund.amount_minor = amount
    refund.processor_id = (given[0].result or {}).get("refund")
    refund.completed_at = deps.clock.now()
    receipt = await receipt_of(uow.session, session_id)
    assert receipt is not None, "a refund is only requested where there is a receipt"
    credit = await issue_credit_note(
        uow, payment, receipt, refund_key=refund.key, amount=amount, reason=refund.reason, now=deps.clock.now()
    )
    currency = payment.currency
    await post_refund(
        uow,
        key=f"{session_id}:refund:{refund.id}",
        session_id=session_id,
        net=Money(credit.net_minor, currency),
        vat=Money(credit.vat_minor, currency),
    )
    payment.refunded_minor += amount
    if payment.refunded_minor == payment.captured_minor and payment.state is PaymentState.CAPTURED:
        await enter(uow, payment, PaymentState.REFUNDED)
