"""What a hold's intent means for the payment's row: one function, whoever read the intent.

Only CREATED, REQUIRES_ACTION and AUTHORISED follow the intent. A payment that is being captured or released, or that is
settled, is moved by capture and release alone, so a late or reordered message cannot undo them.
"""

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import IncidentKind
from app.domain.ports import HoldResult, HoldStatus
from payments.intents import IntentOutcome
from payments.rows import enter
from payments.stripe.views import IntentStatus
from payments.tables import Payment, PaymentState

HOLD_EXPIRED = "hold_expired"
UNDECIDED = frozenset({PaymentState.CREATED, PaymentState.REQUIRES_ACTION, PaymentState.AUTHORISED})
"""The states that follow the intent."""

_CANCELLED = frozenset({PaymentState.RELEASING, PaymentState.RELEASED})
_CANCELLED_CODES = frozenset({HOLD_EXPIRED, IntentStatus.CANCELED.value})


async def follow_intent(uow: UnitOfWork, payment: Payment, outcome: IntentOutcome) -> bool:
    """Bring a locked payment to what its intent says; return whether its state changed."""
    if payment.state not in UNDECIDED:
        return False
    before = payment.state
    intent = outcome.intent
    if intent is not None:
        payment.intent_id = intent.id
        payment.capture_before = intent.capture_before or payment.capture_before
        payment.card_brand = intent.card_brand or payment.card_brand
        payment.card_last4 = intent.card_last4 or payment.card_last4
    if outcome.failure_code is not None:
        await _fail(uow, payment, outcome)
    elif intent is not None and intent.status is IntentStatus.REQUIRES_CAPTURE:
        await enter(uow, payment, PaymentState.AUTHORISED)
    elif intent is not None and intent.status is IntentStatus.REQUIRES_ACTION:
        await enter(uow, payment, PaymentState.REQUIRES_ACTION)
    return payment.state is not before


async def _fail(uow: UnitOfWork, payment: Payment, outcome: IntentOutcome) -> None:
    expired = payment.state is PaymentState.AUTHORISED
    payment.failure_code = HOLD_EXPIRED if expired else outcome.failure_code
    await enter(uow, payment, PaymentState.FAILED)
    if expired:
        await report_expiry(uow, payment)


async def report_expiry(uow: UnitOfWork, payment: Payment) -> None:
    """Open the incident of a hold that was gone before it was captured."""
    await open_incident(
        uow,
        IncidentKind.PAYMENT_EXPIRED,
        f"{payment.session_id}:{payment.attempt}",
        {"held_minor": payment.hold_minor, "currency": payment.currency, "intent": payment.intent_id},
        session_id=payment.session_id,
    )


def hold_result(payment: Payment, client_secret: str | None = None) -> HoldResult:
    """Return a payment's hold as the domain sees it. A captured hold was authorised."""
    if payment.state is PaymentState.CREATED:
        return HoldResult(HoldStatus.UNKNOWN)
    if payment.state is PaymentState.REQUIRES_ACTION:
        return HoldResult(HoldStatus.REQUIRES_ACTION, client_secret=client_secret)
    if payment.state is PaymentState.FAILED:
        gone = payment.failure_code in _CANCELLED_CODES
        return HoldResult(HoldStatus.CANCELLED if gone else HoldStatus.DECLINED, failure_code=payment.failure_code)
    if payment.state in _CANCELLED:
        return HoldResult(HoldStatus.CANCELLED, failure_code=payment.failure_code)
    return HoldResult(HoldStatus.AUTHORISED)
