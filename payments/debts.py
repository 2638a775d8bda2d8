"""Debts: energy that was delivered and not paid. An open debt blocks new starts until it is paid or waived."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.domain.ports import HoldStatus
from app.kit.errors import NotFoundError
from app.kit.money import Money
from payments.books import book_capture
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.hold_place import MAX_KEYS, give_up_key, session_description
from payments.hold_prepare import chosen_card
from payments.intents import IntentOutcome, carry_out, give_up_intent, intent_request, outcome_of
from payments.operations import OperationKind, begin, finish
from payments.rows import require_customer, require_payment
from payments.stripe.errors import ProcessorUnavailableError
from payments.stripe.views import IntentStatus
from payments.tables import Debt, DebtState, Payment, PaymentOperation


@dataclass(frozen=True, slots=True)
class DebtPayment:
    """What became of paying a debt. AUTHORISED means paid; REQUIRES_ACTION comes with the secret for the app's SDK."""

    status: HoldStatus
    client_secret: str | None = None
    failure_code: str | None = None


async def open_debts(session: AsyncSession, driver_id: UUID) -> Sequence[Debt]:
    """Return a driver's open debts, oldest first."""
    query = select(Debt).where(Debt.driver_id == driver_id, Debt.state == DebtState.OPEN).order_by(Debt.created_at)
    return (await session.scalars(query)).all()


async def pay_debt(
    deps: PaymentDeps,
    tenant_id: UUID,
    *,
    driver_id: UUID,
    debt_id: UUID,
    payment_method_id: UUID | None = None,
    off_session: bool = False,
) -> DebtPayment:
    """Charge a driver's open debt, by default with the driver present and the default card.

    A payment that waits for the driver is continued, not begun anew: a debt is paid once. Raises NotFoundError,
    NoPaymentMethodError. UNKNOWN where the processor did not answer: the same call tells later.
    """
    debt = await _own_debt(deps, tenant_id, driver_id, debt_id)
    if debt.intent_id is not None:
        before = await read_debt_payment(deps, tenant_id, debt.session_id)
        if before.status is not HoldStatus.DECLINED or not await give_up_intent(deps, debt.intent_id):
            return before
    for _ in range(MAX_KEYS):
        operation = await _begin(deps, tenant_id, debt, payment_method_id, off_session=off_session)
        if operation is None:
            return await read_debt_payment(deps, tenant_id, debt.session_id)
        try:
            outcome = await carry_out(deps, operation)
        except OperationLostError as error:
            await give_up_key(deps, tenant_id, debt.session_id, operation, str(error))
            continue
        except ProcessorUnavailableError:
            break
        return await _store(deps, tenant_id, debt.session_id, operation, outcome)
    return DebtPayment(HoldStatus.UNKNOWN)


async def read_debt_payment(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> DebtPayment:
    """Read a debt's payment anew from the processor and book it where it succeeded."""
    async with deps.database.read(tenant_id) as session:
        debt = await session.scalar(select(Debt).where(Debt.session_id == session_id))
    if debt is None:
        raise NotFoundError("the session has no debt")
    if debt.state is not DebtState.OPEN or debt.intent_id is None:
        paid = debt.state is not DebtState.OPEN
        return DebtPayment(HoldStatus.AUTHORISED if paid else HoldStatus.DECLINED)
    try:
        intent = await deps.gateway.retrieve_intent(debt.intent_id)
    except ProcessorUnavailableError:
        return DebtPayment(HoldStatus.UNKNOWN)
    return await _store(deps, tenant_id, session_id, None, outcome_of(intent))


async def _own_debt(deps: PaymentDeps, tenant_id: UUID, driver_id: UUID, debt_id: UUID) -> Debt:
    async with deps.database.read(tenant_id) as session:
        debt = await session.get(Debt, debt_id)
    if debt is None or debt.driver_id != driver_id:
        raise NotFoundError("there is no such debt", field="debt")
    return debt


async def lock_debt(uow: UnitOfWork, session_id: UUID) -> tuple[Payment, Debt]:
    """Return a session's payment and debt, locked. Raises NotFoundError."""
    payment = await require_payment(uow, session_id)
    debt = await uow.session.scalar(select(Debt).where(Debt.session_id == session_id).with_for_update())
    if debt is None:
        raise NotFoundError("the session has no debt")
    return payment, debt


async def _begin(
    deps: PaymentDeps, tenant_id: UUID, known: Debt, payment_method_id: UUID | None, *, off_session: bool
) -> PaymentOperation | None:
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment, debt = await lock_debt(uow, known.session_id)
        if debt.state is not DebtState.OPEN or debt.intent_id != known.intent_id:
            return None  # settled, or begun by another call meanwhile: a debt is paid once
        method = await chosen_card(uow, debt.driver_id, payment_method_id)
        customer = await require_customer(uow, debt.driver_id)
        operation = await begin(
            uow,
            payment,
            OperationKind.DEBT,
            now=deps.clock.now(),
            amount=Money(debt.amount_minor, debt.currency),
            request=intent_request(
                tenant_id, payment, customer, method, off_session=off_session, description=session_description(payment)
            ),
        )
        debt.attempt = int(operation.key.rsplit(":", 1)[1])
        return operation


async def _store(
    deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation | None, outcome: IntentOutcome
) -> DebtPayment:
    intent = outcome.intent
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment, debt = await lock_debt(uow, session_id)
        if operation is not None:
            await finish(uow, operation.id, now=deps.clock.now(), result=outcome.summary())
        if intent is not None:
            debt.intent_id = intent.id
        if intent is None or outcome.failure_code is not None:
            return DebtPayment(HoldStatus.DECLINED, failure_code=outcome.failure_code)
        if intent.status is not IntentStatus.SUCCEEDED:
            action = intent.status is IntentStatus.REQUIRES_ACTION
            return DebtPayment(HoldStatus.REQUIRES_ACTION if action else HoldStatus.UNKNOWN, intent.client_secret)
        if debt.state is DebtState.OPEN:
            debt.state = DebtState.PAID
            debt.settled_at = deps.clock.now()
            await book_capture(uow, payment, intent=intent, kind="debt")
        return DebtPayment(HoldStatus.AUTHORISED)
