"""Compares our books with themselves and with the processor, and calls an operator where they differ.

For each settled session: captured + waived + open debt = invoiced, and what the processor took and gave back is what we
booked. Holds at the processor that no payment wants are cancelled.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind
from payments.deps import PaymentDeps
from payments.intents import SESSION_METADATA, TENANT_METADATA
from payments.ledger import assert_balanced
from payments.stripe.views import IntentStatus, IntentView
from payments.tables import Debt, DebtState, Payment
from payments.webhook_job import intent_changed


@dataclass(slots=True)
class ReconcileReport:
    """What was compared, and the sessions with an incident."""

    payments: int = 0
    intents: int = 0
    mismatches: list[UUID] = field(default_factory=list[UUID])


async def reconcile_payments(deps: PaymentDeps, tenant_id: UUID, *, since: datetime) -> ReconcileReport:
    """Compare a tenant's payments and the processor's intents made since a time.

    Raises ProcessorError where the processor cannot be asked, LedgerImbalanceError where the books do not balance.
    """
    report = ReconcileReport()
    await _compare_books(deps, tenant_id, since, report)
    intents = [
        intent
        for intent in await deps.gateway.list_intents(created_after=since)
        if intent.metadata.get(TENANT_METADATA) == str(tenant_id)
    ]
    report.intents = len(intents)
    for intent in intents:
        if intent.status is IntentStatus.REQUIRES_CAPTURE:
            await intent_changed(deps, tenant_id, intent.id)
    await _compare_processor(deps, tenant_id, intents, since, report)
    return report


async def _compare_books(deps: PaymentDeps, tenant_id: UUID, since: datetime, report: ReconcileReport) -> None:
    owed = func.coalesce(Debt.amount_minor, 0)
    query = (
        select(Payment, owed)
        .join(ChargingSession, ChargingSession.id == Payment.session_id)
        .outerjoin(Debt, and_(Debt.session_id == Payment.session_id, Debt.state == DebtState.OPEN))
        .where(Payment.created_at >= since, ChargingSession.state == SessionState.COMPLETED)
        .where(Payment.invoiced_minor.is_not(None))
    )
    async with deps.database.unit_of_work(tenant_id) as uow:
        await assert_balanced(uow.session)
        for payment, debt_minor in await uow.session.execute(query):
            report.payments += 1
            accounted = payment.captured_minor + payment.waived_minor + debt_minor
            if accounted != payment.invoiced_minor:
                detail = {"invoiced_minor": payment.invoiced_minor, "accounted_minor": accounted}
                await _mismatch(uow, payment, "books", detail, report)


async def _compare_processor(
    deps: PaymentDeps, tenant_id: UUID, intents: list[IntentView], since: datetime, report: ReconcileReport
) -> None:
    kept: dict[str, int] = defaultdict(int)
    for intent in intents:
        kept[intent.metadata.get(SESSION_METADATA, "")] += intent.amount_received.minor - intent.amount_refunded.minor
    async with deps.database.unit_of_work(tenant_id) as uow:
        for session_text, processor_minor in kept.items():
            payment = await _completed_payment(uow, session_text, since)
            if payment is None:
                continue
            booked = payment.captured_minor - payment.refunded_minor
            if booked != processor_minor:
                detail = {"booked_minor": booked, "processor_minor": processor_minor}
                await _mismatch(uow, payment, "processor", detail, report)


async def _completed_payment(uow: UnitOfWork, session_text: str, since: datetime) -> Payment | None:
    """Return the payment of a completed session all of whose intents were listed; others may be under way."""
    try:
        session_id = UUID(session_text)
    except ValueError:
        return None
    return await uow.session.scalar(
        select(Payment)
        .join(ChargingSession, ChargingSession.id == Payment.session_id)
        .where(
            Payment.session_id == session_id,
            Payment.created_at >= since,
            ChargingSession.state == SessionState.COMPLETED,
        )
    )


async def _mismatch(
    uow: UnitOfWork, payment: Payment, what: str, detail: Mapping[str, int | None], report: ReconcileReport
) -> None:
    report.mismatches.append(payment.session_id)
    await open_incident(
        uow,
        IncidentKind.PAYMENT_MISMATCH,
        f"{payment.session_id}:{what}",
        {**detail, "currency": payment.currency},
        session_id=payment.session_id,
    )
