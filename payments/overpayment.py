"""Gives back what was captured beyond the invoice: an early capture of a session that then cost less.

No invoice was issued for it, so no credit note is: the money just goes back and the payment keeps what the receipt
says.
"""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.kit.money import Money
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.hold_place import MAX_KEYS, give_up_key
from payments.ledger import post_payment
from payments.operations import OperationKind, begin, finish
from payments.refund_call import carry_out_refund, plan_refund
from payments.remainder import unpaid_minor
from payments.rows import require_payment
from payments.stripe.errors import ProcessorUnavailableError
from payments.tables import Payment, PaymentOperation


async def return_overpayment(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> None:
    """Give back what an invoiced session's driver paid too much. Raises ProcessorError: repeat."""
    for _ in range(MAX_KEYS):
        operation = await _begin(deps, tenant_id, session_id)
        if operation is None:
            return
        try:
            refund = await carry_out_refund(deps, operation)
        except OperationLostError as error:
            await give_up_key(deps, tenant_id, session_id, operation, str(error))
            continue
        async with deps.database.unit_of_work(tenant_id) as uow:
            payment = await require_payment(uow, session_id)
            result = {"refund": refund.id, "status": refund.status}
            if await finish(uow, operation.id, now=deps.clock.now(), result=result):
                await _book(uow, payment, operation, refund.amount)
    if await _left(deps, tenant_id, session_id):
        raise ProcessorUnavailableError("the processor did not confirm the return of an overpayment")


async def _begin(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> PaymentOperation | None:
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        excess = -await unpaid_minor(uow, payment)
        if excess <= 0:
            return None
        pending = await uow.session.scalar(
            select(PaymentOperation).where(
                PaymentOperation.payment_id == payment.id,
                PaymentOperation.operation == OperationKind.RETURN.value,
                PaymentOperation.done_at.is_(None),
            )
        )
        parts = await plan_refund(uow, payment, excess)
        if pending is not None or not parts:
            return pending
        part = parts[0]
        return await begin(
            uow,
            payment,
            OperationKind.RETURN,
            now=deps.clock.now(),
            amount=part.amount,
            request={"intent": part.intent_id, "currency": payment.currency},
        )


async def _book(uow: UnitOfWork, payment: Payment, operation: PaymentOperation, amount: Money) -> None:
    posted = await post_payment(
        uow,
        key=operation.key,
        kind="return",
        session_id=payment.session_id,
        driver_id=payment.driver_id,
        amount=-amount,
    )
    if posted:
        payment.captured_minor -= amount.minor


async def _left(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> bool:
    async with deps.database.unit_of_work(tenant_id) as uow:
        return await unpaid_minor(uow, await require_payment(uow, session_id)) < 0
