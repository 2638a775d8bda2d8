"""Carries out a stored hold or charge, and finds out what became of one whose answer was lost.

The parameters come from the operation's row, so a repetition is the same request. A key that only replays a failure,
or that is so old that the processor may have forgotten it, is not trusted: the intent is looked up by the key it
carries.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.kit.money import Money
from payments.deps import PaymentDeps
from payments.errors import OperationLostError
from payments.operations import OperationKind
from payments.stripe.errors import (
    AlreadyCapturedError,
    AmountTooSmallError,
    AuthenticationRequiredError,
    CardDeclinedError,
    InvalidRequestToProcessorError,
    ProcessorObjectMissingError,
    ReplayedFailureError,
)
from payments.stripe.views import IntentStatus, IntentView
from payments.tables import Customer, Payment, PaymentMethod, PaymentOperation

KEY_LIFETIME = timedelta(hours=23)
"""Idempotency keys may be pruned after 24 hours; an older operation is looked up, never repeated."""
_CLOCK_MARGIN = timedelta(hours=1)
_NOT_PAID = (IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.REQUIRES_CONFIRMATION, IntentStatus.CANCELED)

TENANT_METADATA = "tenant"
SESSION_METADATA = "session"


@dataclass(frozen=True, slots=True)
class IntentOutcome:
    """What became of a hold or charge. `failure_code` is set where no money is held or taken."""

    intent: IntentView | None
    failure_code: str | None = None

    def summary(self) -> dict[str, Any]:
        """Return what is stored as the operation's result; no client secret."""
        intent = self.intent
        return {
            "intent": intent.id if intent else None,
            "status": intent.status.value if intent else None,
            "received": intent.amount_received.minor if intent else 0,
            "failure_code": self.failure_code,
        }


def intent_request(
    tenant_id: UUID,
    payment: Payment,
    customer: Customer,
    method: PaymentMethod,
    *,
    off_session: bool,
    description: str,
) -> dict[str, Any]:
    """Return the parameters of a hold or charge as they are stored."""
    return {
        "customer": customer.processor_id,
        "method": method.processor_id,
        "off_session": off_session,
        "currency": payment.currency,
        "description": description,
        "metadata": {TENANT_METADATA: str(tenant_id), SESSION_METADATA: str(payment.session_id)},
    }


async def carry_out(deps: PaymentDeps, operation: PaymentOperation) -> IntentOutcome:
    """Hold or charge as the operation says; the same operation again returns the same intent.

    Raises ProcessorUnavailableError where the outcome is unknown and OperationLostError where there surely was none.
    """
    if deps.clock.now() - operation.created_at > KEY_LIFETIME:
        return await look_up(deps, operation)
    request = operation.request
    call = deps.gateway.create_hold if operation.operation == OperationKind.HOLD else deps.gateway.charge_now
    assert operation.amount_minor is not None
    try:
        intent = await call(
            Money(operation.amount_minor, request["currency"]),
            customer_id=request["customer"],
            payment_method_id=request["method"],
            off_session=request["off_session"],
            metadata=request["metadata"],
            description=request["description"],
            idempotency_key=operation.key,
        )
    except ReplayedFailureError:
        return await look_up(deps, operation)
    except CardDeclinedError as error:
        declined = await deps.gateway.retrieve_intent(error.intent_id) if error.intent_id else None
        return IntentOutcome(declined, error.decline_code or error.code or "card_declined")
    except AuthenticationRequiredError as error:
        return IntentOutcome(error.intent, "authentication_required")
    except (AmountTooSmallError, InvalidRequestToProcessorError, ProcessorObjectMissingError) as error:
        return IntentOutcome(None, error.code or "request_refused")
    return outcome_of(intent)


async def look_up(deps: PaymentDeps, operation: PaymentOperation) -> IntentOutcome:
    """Find the intent an operation made. Raises OperationLostError where it made none."""
    found = await deps.gateway.find_intents(
        operation.key,
        created_after=operation.created_at - _CLOCK_MARGIN,
        customer_id=operation.request["customer"],
    )
    if not found:
        raise OperationLostError(f"operation {operation.key} had no effect")
    return outcome_of(found[0])


def outcome_of(intent: IntentView) -> IntentOutcome:
    """Return what an intent's status means for the money it stands for."""
    if intent.status in _NOT_PAID:
        return IntentOutcome(intent, failure_code(intent))
    return IntentOutcome(intent)


def failure_code(intent: IntentView) -> str:
    """Return why an intent holds no money, in the processor's words."""
    return intent.decline_code or intent.last_error_code or intent.status.value


async def give_up_intent(deps: PaymentDeps, intent_id: str) -> bool:
    """Cancel an intent that must not be confirmed any more; return False where its money was taken already.

    A failed intent stays open at the processor: whoever has its client secret could still pay with it.
    Raises ProcessorUnavailableError: repeat.
    """
    try:
        await deps.gateway.cancel_intent(intent_id, idempotency_key=f"give-up:{intent_id}")
    except AlreadyCapturedError:
        return False
    except ReplayedFailureError:
        return (await deps.gateway.retrieve_intent(intent_id)).status is IntentStatus.CANCELED
    return True
