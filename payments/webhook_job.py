"""Works off one stored webhook event: reads the object again from the processor and acts on what it finds."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from sqlalchemy import select

from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import IncidentKind
from payments.cards import complete_card_setup
from payments.debts import read_debt_payment
from payments.deps import PaymentDeps
from payments.errors import CardNotSavedError
from payments.hold_state import follow_intent
from payments.intents import SESSION_METADATA, give_up_intent, outcome_of
from payments.operations import OperationKind
from payments.rows import enter, lock_payment
from payments.stripe.errors import ProcessorObjectMissingError
from payments.stripe.intent_operations import KEY_METADATA
from payments.stripe.views import IntentStatus, IntentView
from payments.tables import CardSetup, Debt, DebtState, Payment, PaymentState, WebhookEvent

PAYMENT_CHANGED_JOB = "session.payment_changed"
_HOLD_KEY = f":{OperationKind.HOLD.value}:"
_SETTLED = frozenset({PaymentState.CAPTURED, PaymentState.DEBT, PaymentState.REFUNDED})
_ALIVE = (IntentStatus.REQUIRES_CAPTURE, IntentStatus.REQUIRES_ACTION)
_log = structlog.get_logger(__name__)


async def process_webhook(deps: PaymentDeps, tenant_id: UUID, event_row_id: UUID) -> None:
    """Act on a stored event, once. Raises ProcessorUnavailableError: repeat."""
    async with deps.database.read(tenant_id) as session:
        event = await session.get_one(WebhookEvent, event_row_id)
    if event.processed_at is not None:
        return
    outcome = await _act(deps, tenant_id, event)
    async with deps.database.unit_of_work(tenant_id) as uow:
        row = await uow.session.get_one(WebhookEvent, event_row_id, with_for_update=True)
        row.processed_at = row.processed_at or deps.clock.now()
        row.outcome = outcome


async def _act(deps: PaymentDeps, tenant_id: UUID, event: WebhookEvent) -> str:
    handlers: dict[str, Callable[[PaymentDeps, UUID, str], Awaitable[str]]] = {
        "payment_intent": intent_changed,
        "setup_intent": _setup_changed,
        "charge.dispute.created": _disputed,
        "refund.failed": _refund_failed,
    }
    for prefix, handle in handlers.items():
        if event.type.startswith(prefix) and event.object_id is not None:
            try:
                return await handle(deps, tenant_id, event.object_id)
            except ProcessorObjectMissingError:
                return "object_missing"
    return "ignored"


async def intent_changed(deps: PaymentDeps, tenant_id: UUID, intent_id: str) -> str:
    """Read an intent again and bring its session's payment or debt to what it says.

    A hold that nobody wants any more (a failed one that was confirmed after all) is cancelled.
    """
    intent = await deps.gateway.retrieve_intent(intent_id)
    session_id = _session_of(intent)
    if session_id is None:
        return "ignored"
    if await _is_debt(deps, tenant_id, session_id, intent_id):
        return f"debt_{(await read_debt_payment(deps, tenant_id, session_id)).status.lower()}"
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await lock_payment(uow, session_id)
        if payment is None:
            return "unknown_session"
        if payment.intent_id == intent_id and await follow_intent(uow, payment, outcome_of(intent)):
            await uow.enqueue(PAYMENT_CHANGED_JOB, {"session": str(session_id)})
            return payment.state.value.lower()
        unwanted = _unwanted(payment, intent)
    if unwanted:
        await give_up_intent(deps, intent_id)
        _log.warning("payment.unwanted_hold_cancelled", session_id=str(session_id), intent_id=intent_id)
        return "cancelled"
    return "no_change"


def _unwanted(payment: Payment, intent: IntentView) -> bool:
    """Return whether a living hold belongs to no attempt of the payment that still counts."""
    if intent.status not in _ALIVE or _HOLD_KEY not in intent.metadata.get(KEY_METADATA, ""):
        return False
    if payment.intent_id == intent.id:
        return payment.state in (PaymentState.FAILED, PaymentState.RELEASED)
    # While an attempt has no answer yet, its intent is not known here: that one is left alone.
    return payment.state not in (PaymentState.CREATED, PaymentState.RELEASING)


def _session_of(intent: IntentView) -> UUID | None:
    try:
        return UUID(intent.metadata.get(SESSION_METADATA, ""))
    except ValueError:
        return None


async def _is_debt(deps: PaymentDeps, tenant_id: UUID, session_id: UUID, intent_id: str) -> bool:
    async with deps.database.read(tenant_id) as session:
        query = select(Debt.id).where(
            Debt.session_id == session_id, Debt.intent_id == intent_id, Debt.state == DebtState.OPEN
        )
        return await session.scalar(query) is not None


async def _setup_changed(deps: PaymentDeps, tenant_id: UUID, setup_intent_id: str) -> str:
    async with deps.database.read(tenant_id) as session:
        setup = await session.scalar(select(CardSetup).where(CardSetup.processor_id == setup_intent_id))
    if setup is None:
        return "unknown_setup"
    try:
        await complete_card_setup(deps, tenant_id, setup.driver_id, setup.id)
    except CardNotSavedError:
        return "not_saved"
    return "card_saved"


async def _disputed(deps: PaymentDeps, tenant_id: UUID, intent_id: str) -> str:
    return await _call_operator(deps, tenant_id, intent_id, IncidentKind.PAYMENT_DISPUTED, "disputed")


async def _refund_failed(deps: PaymentDeps, tenant_id: UUID, intent_id: str) -> str:
    return await _call_operator(deps, tenant_id, intent_id, IncidentKind.PAYMENT_MISMATCH, "refund_failed")


async def _call_operator(deps: PaymentDeps, tenant_id: UUID, intent_id: str, kind: IncidentKind, what: str) -> str:
    intent = await deps.gateway.retrieve_intent(intent_id)
    session_id = _session_of(intent)
    if session_id is None:
        return "ignored"
    async with deps.database.unit_of_work(tenant_id) as uow:
        payment = await lock_payment(uow, session_id)
        if payment is None:
            return "unknown_session"
        detail = {"intent": intent_id, "received_minor": intent.amount_received.minor, "currency": payment.currency}
        await open_incident(uow, kind, f"{session_id}:{what}:{intent_id}", detail, session_id=session_id)
        if kind is IncidentKind.PAYMENT_DISPUTED and payment.state in _SETTLED:
            await enter(uow, payment, PaymentState.DISPUTED)
    return what
