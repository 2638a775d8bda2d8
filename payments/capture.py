"""Captures a hold: once, at most what is held, with the wish stored before the call.

The truth is the intent: whatever the call answered, a captured intent counts as captured with the amount it received,
so a repetition after a crash neither takes money twice nor loses what was taken.
"""

from dataclasses import dataclass
from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import IncidentKind
from app.kit.money import Money
from payments.books import book_capture
from payments.deps import PaymentDeps
from payments.errors import CaptureRefusedError
from payments.hold_place import MAX_KEYS
from payments.hold_state import HOLD_EXPIRED, report_expiry
from payments.minimum import chargeable_part
from payments.operations import OperationKind, begin, finish
from payments.rows import enter, require_payment
from payments.stripe.errors import (
    IntentStateError,
    ProcessorCredentialsError,
    ProcessorError,
    ProcessorUnavailableError,
    ReplayedFailureError,
)
from payments.stripe.views import IntentStatus, IntentView
from payments.tables import Payment, PaymentOperation, PaymentState

_CAPTURABLE = frozenset({PaymentState.AUTHORISED, PaymentState.CAPTURING})


@dataclass(frozen=True, slots=True)
class _Answer:
    """The intent after the call; `refusal`: why a living hold was not captured; `replayed`: the key is spent."""

    intent: IntentView
    refusal: str | None = None
    replayed: bool = False


async def capture_hold(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, amount_minor: int) -> None:
    """Capture at most `amount_minor` of a session's hold; does nothing where no hold is left to capture.

    A hold that is gone leaves the payment FAILED (hold_expired) with an incident. Raises ProcessorUnavailableError
    where the outcome is unknown and CaptureRefusedError where the processor refuses: repeat.
    """
    for _ in range(MAX_KEYS):
        operation = await _begin(deps, tenant_id, session_id, amount_minor)
        if operation is None:
            return
        answer = await _call(deps, operation)
        if await _store(deps, tenant_id, session_id, operation, answer):
            return
        if not answer.replayed:
            raise CaptureRefusedError(f"the processor refuses {operation.key}: {answer.refusal}")
    raise ProcessorUnavailableError("the processor did not confirm the capture")


async def _begin(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, amount_minor: int) -> PaymentOperation | None:
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if payment.state not in _CAPTURABLE or payment.intent_id is None:
            return None
        await enter(uow, payment, PaymentState.CAPTURING)
        return await begin(
            uow,
            payment,
            OperationKind.CAPTURE,
            now=deps.clock.now(),
            amount=Money(chargeable_part(min(amount_minor, payment.hold_minor), payment.currency), payment.currency),
            request={"intent": payment.intent_id, "currency": payment.currency},
        )


async def _call(deps: PaymentDeps, operation: PaymentOperation) -> _Answer:
    intent_id = operation.request["intent"]
    assert operation.amount_minor is not None
    amount = Money(operation.amount_minor, operation.request["currency"])
    try:
        return _Answer(await deps.gateway.capture(intent_id, amount, idempotency_key=operation.key))
    except IntentStateError as error:
        refusal, replayed = error.code or "unexpected_state", False
    except ReplayedFailureError as error:
        refusal, replayed = str(error), True
    except (ProcessorUnavailableError, ProcessorCredentialsError):
        raise
    except ProcessorError as error:
        refusal, replayed = error.code or type(error).__name__, False
    return _Answer(await deps.gateway.retrieve_intent(intent_id), refusal, replayed)


async def _store(
    deps: PaymentDeps, tenant_id: UUID, session_id: UUID, operation: PaymentOperation, answer: _Answer
) -> bool:
    """Store what became of the hold; return whether it is captured or gone."""
    intent = answer.intent
    result = {"intent": intent.id, "status": intent.status.value, "received": intent.amount_received.minor}
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await require_payment(uow, session_id)
        if intent.status is IntentStatus.SUCCEEDED:
            await finish(uow, operation.id, now=deps.clock.now(), result=result)
            if payment.state is PaymentState.CAPTURING:
                await book_capture(uow, payment, intent=intent)
            return True
        await finish(uow, operation.id, now=deps.clock.now(), error=answer.refusal or intent.status.value)
        if intent.status is IntentStatus.CANCELED:
            await _hold_gone(uow, payment)
            return True
        if not answer.replayed:
            await _report_refusal(uow, payment, operation, answer.refusal)
        return False


async def _hold_gone(uow: UnitOfWork, payment: Payment) -> None:
    if payment.state is PaymentState.CAPTURING:
        payment.failure_code = HOLD_EXPIRED
        await enter(uow, payment, PaymentState.FAILED)
        await report_expiry(uow, payment)


async def _report_refusal(uow: UnitOfWork, payment: Payment, operation: PaymentOperation, refusal: str | None) -> None:
    await open_incident(
        uow,
        IncidentKind.PAYMENT_MISMATCH,
        f"{payment.session_id}:capture_refused",
        {"refusal": refusal, "operation": operation.key, "amount_minor": operation.amount_minor},
        session_id=payment.session_id,
    )
