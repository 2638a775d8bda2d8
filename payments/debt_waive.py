"""Gives up a debt, by an operator's decision: the books say that nobody will be asked to pay it."""

from uuid import UUID

from app.domain.operators.actor import AdminActor
from app.kit.errors import ConflictError, NotFoundError
from payments.books import waive
from payments.debts import lock_debt, read_debt_payment
from payments.deps import PaymentDeps
from payments.intents import give_up_intent
from payments.rows import enter
from payments.tables import Debt, DebtState, PaymentState


async def waive_debt(deps: PaymentDeps, tenant_id: UUID, debt_id: UUID, *, admin: AdminActor | None = None) -> None:
    """Waive an open debt; a payment of it that waits for the driver is cancelled first. Again does nothing.

    With `admin` the waiver is audited.

    Raises NotFoundError, ConflictError where it was paid meanwhile, and ProcessorUnavailableError: repeat.
    """
    async with deps.database.read(tenant_id) as session:
        debt = await session.get(Debt, debt_id)
    if debt is None:
        raise NotFoundError("there is no such debt", field="debt")
    waiting = debt.intent_id if debt.state is DebtState.OPEN else None
    if waiting is not None and not await give_up_intent(deps, waiting):
        await read_debt_payment(deps, tenant_id, debt.session_id)
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment, debt = await lock_debt(uow, debt.session_id)
        if debt.state is DebtState.PAID or (debt.state is DebtState.OPEN and debt.intent_id != waiting):
            raise ConflictError("the debt is paid, or being paid")
        if debt.state is DebtState.OPEN:
            debt.state = DebtState.WAIVED
            debt.settled_at = deps.clock.now()
            await waive(uow, payment, debt.amount_minor, key=f"{debt.session_id}:debt:waive")
            if admin is not None:
                given = {"amount_minor": debt.amount_minor, "currency": debt.currency}
                admin.record(uow, "waiveDebt", given, debt.session_id)
            await enter(uow, payment, PaymentState.CAPTURED if payment.captured_minor else PaymentState.RELEASED)
