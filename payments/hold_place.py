"""Places the prepared hold: key stored, the processor called between two transactions, the answer stored.

However often and from wherever it is called, a session gets one intent for one preparation: the operation's key is the
same for all. A hold that answers after the session was given up is left to the release, which knows the same key.
"""

from uuid import UUID

import structlog

from app.domain.ports import HoldResult, HoldStatus
from app.kit.money import Money
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.hold_state import follow_intent, hold_result
from payments.intents import IntentOutcome, carry_out, give_up_intent, intent_request, outcome_of
from payments.operations import OperationKind, begin, finish
from payments.rows import require_customer, require_payment
from payments.stripe.errors import ProcessorError, ProcessorUnavailableError
from payments.stripe.views import IntentStatus
from payments.tables import Payment, PaymentMethod, PaymentOperation, PaymentState

_log = structlog.get_logger(__name__)
MAX_KEYS = 3
"""So many keys are tried in one call where each is lost to a replayed failure."""


async def place_hold(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, *, off_session: bool = False) -> HoldResult:
    """Hold the prepared amount. UNKNOWN where the processor did not answer: the same call tells later."""
    for _ in range(MAX_KEYS):
        operation = await _begin(deps, tenant_id, session_id, off_session=off_session)
        if operation is None:
            return await read_hold(deps, tenant_id, session_id)
        try:
            outcome = await carry_out(deps, operation)
        except OperationLostError as error:
            await give_up_key(deps, tenant_id, session_id, operation, str(error))
            continue
        except ProcessorUnavailableError:
            return HoldResult(HoldStatus.UNKNOWN)
        result = await store_hold(deps, tenant_id, session_id, operation, outcome)
        await _close_failed(deps, outcome)
        return result
    return HoldResult(HoldStatus.UNKNOWN)


async def read_hold(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> HoldResult:
    """Read the hold's intent anew and store what it says; UNKNOWN where it cannot be read or was never asked for."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        intent_id = (await require_payment(uow, session_id)).intent_id
    if intent_id is None:
        async with deps.database.unit_of_work(tenant_id) as uow:
            return hold_result(await require_payment(uow, session_id))
    try:
        intent = await deps.gateway.retrieve_intent(intent_id)
    except ProcessorUnavailableError:
        return HoldResult(HoldStatus.UNKNOWN)
    outcome = outcome_of(intent)
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if payment.intent_id == intent_id:
            await follow_intent(uow, payment, outcome)
        result = hold_result(payment, intent.client_secret)
    await _close_failed(deps, outcome)
    return result


async def store_hold(
    deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation, outcome: IntentOutcome
) -> HoldResult:
    """Store what became of a hold's operation."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if await finish(uow, operation.id, now=deps.clock.now(), result=outcome.summary()):
            if payment.state is PaymentState.RELEASING and outcome.intent is not None:
                payment.intent_id = outcome.intent.id
            await follow_intent(uow, payment, outcome)
        return hold_result(payment, outcome.intent.client_secret if outcome.intent else None)


async def _close_failed(deps: PaymentDeps, outcome: IntentOutcome) -> None:
    """Cancel an intent that failed: with its client secret it could still be confirmed, and hold money unasked.

    Only a courtesy, so its failure is no failure of the hold: a hold confirmed that late is cancelled by the webhook.
    """
    intent = outcome.intent
    if outcome.failure_code is None or intent is None or intent.status is IntentStatus.CANCELED:
        return
    try:
        await give_up_intent(deps, intent.id)
    except ProcessorError as error:
        _log.warning("payment.failed_intent_left_open", intent_id=intent.id, reason=type(error).__name__)


async def _begin(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, *, off_session: bool) -> PaymentOperation | None:
    """Return the operation to carry out, or None where the hold is past that."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if payment.state is not PaymentState.CREATED:
            return None
        method = await uow.session.get_one(PaymentMethod, payment.payment_method_id)
        customer = await require_customer(uow, method.driver_id)
        return await begin(
            uow,
            payment,
            OperationKind.HOLD,
            now=deps.clock.now(),
            amount=Money(payment.hold_minor, payment.currency),
            request=intent_request(
                tenant_id, payment, customer, method, off_session=off_session, description=session_description(payment)
            ),
        )


async def give_up_key(
    deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation, error: str
) -> None:
    """Close an operation that had no effect, so that the next one gets a new key."""
    async with deps.database.unit_of_work(tenant_id) as uow:
        await require_payment(uow, session_id)
        await finish(uow, operation.id, now=deps.clock.now(), error=error)


def session_description(payment: Payment) -> str:
    """Return what the processor's records say a payment is for."""
    return f"Charging session {payment.session_id}"
