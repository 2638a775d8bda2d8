"""Calls to the processor as rows: the key is stored before the first attempt, the outcome after it.

A crash in between leaves an operation without outcome; whoever continues repeats the call with the same key and the
same parameters, which are part of the row, and meets the first call's answer. Only an operation that is known to have
had no effect gives way to the next number.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.kit.money import Money
from payments.tables import Payment, PaymentOperation


class OperationKind(StrEnum):
    """What the processor is asked for."""

    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    CHARGE = "charge"
    DEBT = "debt"
    REFUND = "refund"
    RETURN = "return"


async def begin(
    uow: UnitOfWork,
    payment: Payment,
    kind: OperationKind,
    *,
    now: datetime,
    amount: Money | None = None,
    request: dict[str, Any] | None = None,
    subject: str | None = None,
) -> PaymentOperation:
    """Return the kind's operation that has no outcome yet, else a new one with the next number.

    The caller holds the payment's lock. `subject` separates operations of one kind that run side by side (refunds).
    """
    scope = f"{payment.session_id}:{kind}" + (f":{subject}" if subject else "")
    known = await _known(uow, payment, kind, scope)
    if known and known[-1].done_at is None:
        return known[-1]
    operation = PaymentOperation(
        payment_id=payment.id,
        key=f"{scope}:{len(known) + 1}",
        operation=kind.value,
        amount_minor=amount.minor if amount else None,
        request=request or {},
        created_at=now,
    )
    uow.session.add(operation)
    await uow.session.flush()
    return operation


async def _known(uow: UnitOfWork, payment: Payment, kind: OperationKind, scope: str) -> Sequence[PaymentOperation]:
    query = (
        select(PaymentOperation)
        .where(
            PaymentOperation.payment_id == payment.id,
            PaymentOperation.operation == kind.value,
            PaymentOperation.key.startswith(f"{scope}:"),
        )
        .order_by(PaymentOperation.created_at, PaymentOperation.id)
    )
    return (await uow.session.scalars(query)).all()


async def finish(
    uow: UnitOfWork,
    operation_id: UUID,
    *,
    now: datetime,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """Store an operation's outcome; return whether it was the first one. The caller holds the payment's lock."""
    operation = await uow.session.get_one(PaymentOperation, operation_id, with_for_update=True)
    if operation.done_at is not None:
        return False
    operation.result = result
    operation.error = error
    operation.done_at = now
    return True
