"""Prepares the hold of a session inside the caller's transaction: which card, how much, and whether it may be."""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.kit.clock import Clock
from app.kit.errors import NotFoundError
from app.kit.money import Money
from payments.errors import NoPaymentMethodError, OpenDebtError
from payments.minimum import chargeable_part
from payments.rows import enter, lock_payment, snapshot
from payments.tables import Debt, DebtState, Payment, PaymentMethod, PaymentState

_MAY_HOLD_ANEW = frozenset({PaymentState.FAILED, PaymentState.RELEASED})


async def prepare_hold(
    uow: UnitOfWork,
    clock: Clock,
    *,
    session_id: UUID,
    driver_id: UUID,
    amount: Money,
    payment_method_id: UUID | None,
) -> None:
    """Create the session's payment row, or prepare its next attempt after a failure or release. Again does nothing.

    Raises OpenDebtError, NoPaymentMethodError and NotFoundError (another driver's card).
    """
    await _require_no_debt(uow, driver_id)
    method = await chosen_card(uow, driver_id, payment_method_id)
    amount = Money(chargeable_part(amount.minor, amount.currency), amount.currency)
    payment = await lock_payment(uow, session_id)
    if payment is None:
        payment = Payment(
            session_id=session_id,
            driver_id=driver_id,
            state=PaymentState.CREATED,
            currency=amount.currency,
            hold_minor=amount.minor,
            created_at=clock.now(),
        )
        uow.session.add(payment)
        _use(payment, method, amount)
        await uow.record(payment, "payment.created", snapshot(payment))
        return
    if payment.state not in _MAY_HOLD_ANEW:
        return  # prepared before and perhaps held: the first preparation stands
    payment.attempt += 1
    payment.intent_id = None
    _use(payment, method, amount)
    await enter(uow, payment, PaymentState.CREATED)


async def chosen_card(uow: UnitOfWork, driver_id: UUID, payment_method_id: UUID | None) -> PaymentMethod:
    """Return the given card of the driver, else the default one. Raises NoPaymentMethodError and NotFoundError."""
    query = select(PaymentMethod).where(PaymentMethod.driver_id == driver_id, PaymentMethod.removed_at.is_(None))
    if payment_method_id is not None:
        method = await uow.session.scalar(query.where(PaymentMethod.id == payment_method_id))
        if method is None:
            raise NotFoundError("there is no such card", field="paymentMethod")
        return method
    method = await uow.session.scalar(query.where(PaymentMethod.is_default))
    if method is None:
        raise NoPaymentMethodError("no card is saved")
    return method


async def _require_no_debt(uow: UnitOfWork, driver_id: UUID) -> None:
    debt = select(Debt.id).where(Debt.driver_id == driver_id, Debt.state == DebtState.OPEN)
    if await uow.session.scalar(debt.limit(1)):
        raise OpenDebtError("an earlier charge is not paid yet")


def _use(payment: Payment, method: PaymentMethod, amount: Money) -> None:
    payment.payment_method_id = method.id
    payment.currency = amount.currency
    payment.hold_minor = amount.minor
    payment.card_brand = method.brand
    payment.card_last4 = method.last4
    payment.capture_before = None
    payment.failure_code = None
