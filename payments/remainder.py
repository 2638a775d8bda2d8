"""What a hold did not cover: charged off-session where the driver gave a mandate, else debt, waived or written off.

A guest has no mandate: the hold was the ceiling and the excess is written off with an incident. What is below the
processor's minimum is waived. A card that already declined is not tried again.
"""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import IncidentKind
from app.domain.drivers.tables import Driver, DriverKind
from app.kit.money import Money
from payments.books import book_capture, waive
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.hold_place import MAX_KEYS, give_up_key, session_description
from payments.hold_state import HOLD_EXPIRED
from payments.intents import IntentOutcome, carry_out, intent_request
from payments.invoice import NO_HOLD
from payments.minimum import below_minimum, chargeable_part
from payments.operations import OperationKind, begin, finish
from payments.rows import enter, require_customer, require_payment
from payments.stripe.errors import ProcessorUnavailableError
from payments.stripe.views import IntentStatus
from payments.tables import Debt, DebtState, Payment, PaymentMethod, PaymentOperation, PaymentState


async def settle_remainder(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> None:
    """Bring what is still unpaid of an invoiced session to an end.

    Raises ProcessorUnavailableError where a charge's outcome is unknown: repeat.
    """
    for _ in range(MAX_KEYS):
        operation = await _begin(deps, tenant_id, session_id)
        if operation is None:
            return
        try:
            outcome = await carry_out(deps, operation)
        except OperationLostError as error:
            await give_up_key(deps, tenant_id, session_id, operation, str(error))
            continue
        await _store(deps, tenant_id, session_id, operation, outcome)
        return
    raise ProcessorUnavailableError("the processor did not confirm the charge")


async def unpaid_minor(uow: UnitOfWork, payment: Payment) -> int:
    """Return what of the invoice is neither captured, waived nor debt; negative where too much was captured."""
    debt = await uow.session.scalar(
        select(Debt.amount_minor).where(Debt.session_id == payment.session_id, Debt.state == DebtState.OPEN)
    )
    return (payment.invoiced_minor or 0) - payment.captured_minor - payment.waived_minor - (debt or 0)


async def _begin(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> PaymentOperation | None:
    """Decide what becomes of the remainder; return the charge to carry out, if it is to be charged."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        rest = await unpaid_minor(uow, payment)
        if rest <= 0:
            return None
        if below_minimum(rest, payment.currency):
            await waive(uow, payment, rest, key=f"{session_id}:waive")
            return None
        inexpressible = rest - chargeable_part(rest, payment.currency)
        if inexpressible:
            await waive(uow, payment, inexpressible, key=f"{session_id}:waive:fraction")
            rest -= inexpressible
        if not await _has_mandate(uow, payment):
            await _write_off(uow, payment, rest)
            return None
        method = await _chargeable_card(uow, payment)
        if method is None:
            await _owe(uow, payment, rest)
            return None
        customer = await require_customer(uow, method.driver_id)
        return await begin(
            uow,
            payment,
            OperationKind.CHARGE,
            now=deps.clock.now(),
            amount=Money(rest, payment.currency),
            request=intent_request(
                tenant_id, payment, customer, method, off_session=True, description=session_description(payment)
            ),
        )


async def _has_mandate(uow: UnitOfWork, payment: Payment) -> bool:
    if payment.driver_id is None:
        return False
    driver = await uow.session.get_one(Driver, payment.driver_id)
    return driver.kind is DriverKind.ACCOUNT


async def _chargeable_card(uow: UnitOfWork, payment: Payment) -> PaymentMethod | None:
    """Return the card to charge: the session's, unless it declined the hold or was removed since."""
    declined = payment.state is PaymentState.FAILED and payment.failure_code not in (HOLD_EXPIRED, NO_HOLD)
    if declined or payment.payment_method_id is None:
        return None
    method = await uow.session.get_one(PaymentMethod, payment.payment_method_id)
    return None if method.removed_at else method


async def _write_off(uow: UnitOfWork, payment: Payment, rest: int) -> None:
    await waive(uow, payment, rest, key=f"{payment.session_id}:write_off")
    await open_incident(
        uow,
        IncidentKind.WRITTEN_OFF,
        str(payment.session_id),
        {"amount_minor": rest, "currency": payment.currency, "captured_minor": payment.captured_minor},
        session_id=payment.session_id,
    )


async def _owe(uow: UnitOfWork, payment: Payment, rest: int) -> None:
    assert payment.driver_id is not None
    uow.session.add(
        Debt(
            driver_id=payment.driver_id,
            session_id=payment.session_id,
            amount_minor=rest,
            currency=payment.currency,
            state=DebtState.OPEN,
        )
    )
    await enter(uow, payment, PaymentState.DEBT)


async def _store(
    deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation, outcome: IntentOutcome
) -> None:
    intent = outcome.intent
    taken = intent is not None and intent.status is IntentStatus.SUCCEEDED
    if not taken and outcome.failure_code is None:
        raise ProcessorUnavailableError("the charge is still being processed")
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if not await finish(uow, operation.id, now=deps.clock.now(), result=outcome.summary()):
            return
        if intent is not None:
            payment.extra_intent_id = intent.id
        if taken and intent is not None:
            await book_capture(uow, payment, intent=intent, kind="charge")
        else:
            payment.failure_code = outcome.failure_code
            await _owe(uow, payment, await unpaid_minor(uow, payment))
