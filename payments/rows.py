"""The payment's row: found, locked, and its changes published."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.kit.errors import NotFoundError
from payments.errors import NoPaymentMethodError
from payments.tables import Customer, Payment, PaymentState


async def find_payment(session: AsyncSession, session_id: UUID) -> Payment | None:
    """Return a charging session's payment, if it has one."""
    return await session.scalar(select(Payment).where(Payment.session_id == session_id))


async def lock_payment(uow: UnitOfWork, session_id: UUID) -> Payment | None:
    """Return a charging session's payment, locked."""
    query = select(Payment).where(Payment.session_id == session_id).with_for_update()
    return await uow.session.scalar(query)


async def require_payment(uow: UnitOfWork, session_id: UUID) -> Payment:
    """Return a charging session's payment, locked. Raises NotFoundError."""
    payment = await lock_payment(uow, session_id)
    if payment is None:
        raise NotFoundError("the session has no payment")
    return payment


async def require_customer(uow: UnitOfWork, driver_id: UUID) -> Customer:
    """Return a driver at the card processor. Raises NoPaymentMethodError where they never saved a card."""
    customer = await uow.session.scalar(select(Customer).where(Customer.driver_id == driver_id))
    if customer is None:
        raise NoPaymentMethodError("no card is saved")
    return customer


def snapshot(payment: Payment) -> dict[str, Any]:
    """Return what a payment's event carries; amounts in minor units, no processor's secret."""
    return {
        "session": str(payment.session_id),
        "state": payment.state.value,
        "currency": payment.currency,
        "holdMinor": payment.hold_minor,
        "capturedMinor": payment.captured_minor,
        "refundedMinor": payment.refunded_minor,
        "invoicedMinor": payment.invoiced_minor,
        "waivedMinor": payment.waived_minor,
        "failureCode": payment.failure_code,
    }


async def enter(uow: UnitOfWork, payment: Payment, state: PaymentState) -> None:
    """Change a locked payment's state and publish it; nothing happens where it is in that state."""
    if payment.state is not state:
        payment.state = state
        await uow.record(payment, f"payment.{state.value.lower()}", snapshot(payment))
