"""Finishes what a crash or a silent processor left between two steps. Every action is one that may be repeated.

Rows younger than a minute are left to the call that made them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, exists, select

from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, SessionRating
from app.domain.ports import HoldStatus
from app.kit.errors import VoltlaneError
from payments.card_list import detach_card
from payments.debts import pay_debt
from payments.deps import PaymentDeps
from payments.early_capture import capture_early
from payments.hold_place import place_hold
from payments.operations import OperationKind
from payments.refunds import complete_refund
from payments.release import release
from payments.settle import settle
from payments.tables import (
    Debt,
    DebtState,
    Payment,
    PaymentMethod,
    PaymentOperation,
    PaymentState,
    Refund,
    WebhookEvent,
)
from payments.webhook_job import PAYMENT_CHANGED_JOB
from payments.webhooks import WEBHOOK_JOB

CAPTURE_MARGIN = timedelta(hours=24)
"""A hold is captured at least so long before it expires, even where the session goes on."""
_LEFT_ALONE = timedelta(minutes=1)
_BATCH = 100
_NEVER_CHARGED = (SessionState.FAILED, SessionState.CANCELLED)
_HELD = (PaymentState.CREATED, PaymentState.REQUIRES_ACTION, PaymentState.AUTHORISED)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class SweepReport:
    """How many rows were taken on, and how many of them have to wait for the next round."""

    taken: int = 0
    failed: int = 0


async def sweep_payments(deps: PaymentDeps, tenant_id: UUID) -> SweepReport:
    """Take on everything of a tenant that is left between two steps; what fails is logged and taken on next time."""
    report = SweepReport()
    rated = exists().where(SessionRating.session_id == Payment.session_id)
    never_charged = ChargingSession.state.in_(_NEVER_CHARGED)
    expiring = Payment.capture_before <= deps.clock.now() + CAPTURE_MARGIN
    billable = ChargingSession.state.in_((SessionState.SETTLING, SessionState.COMPLETED))
    open_charge = exists().where(
        PaymentOperation.payment_id == Payment.id,
        PaymentOperation.operation == OperationKind.CHARGE.value,
        PaymentOperation.done_at.is_(None),
        PaymentOperation.created_at < deps.clock.now() - _LEFT_ALONE,
    )
    steps: tuple[tuple[Callable[[PaymentDeps, UUID, UUID], Awaitable[object]], ColumnElement[bool]], ...] = (
        (release, (Payment.state == PaymentState.RELEASING) | (Payment.state.in_(_HELD) & never_charged)),
        (_ask_again, (Payment.state == PaymentState.CREATED) & ~never_charged & _unanswered(deps)),
        (settle, rated & billable & ((Payment.state == PaymentState.CAPTURING) | open_charge)),
        (settle, rated & billable & (Payment.state == PaymentState.AUTHORISED) & expiring),
        (settle, rated & (Payment.state == PaymentState.AUTHORISED) & _is(SessionState.COMPLETED)),
        (capture_early, ~rated & ((Payment.state == PaymentState.AUTHORISED) & expiring)),
        (capture_early, ~rated & (Payment.state == PaymentState.CAPTURING)),
    )
    for action, condition in steps:
        for session_id in await _sessions(deps, tenant_id, condition):
            await _try(report, action, deps, tenant_id, session_id)
    await _sweep_refunds(deps, tenant_id, report)
    await _sweep_debts(deps, tenant_id, report)
    await _sweep_cards(deps, tenant_id, report)
    await _wake_webhooks(deps, tenant_id, report)
    return report


def _is(state: SessionState) -> ColumnElement[bool]:
    return ChargingSession.state == state


def _unanswered(deps: PaymentDeps) -> ColumnElement[bool]:
    return exists().where(
        PaymentOperation.payment_id == Payment.id,
        PaymentOperation.operation == OperationKind.HOLD.value,
        PaymentOperation.done_at.is_(None),
        PaymentOperation.created_at < deps.clock.now() - _LEFT_ALONE,
    )


async def _sessions(deps: PaymentDeps, tenant_id: UUID, condition: ColumnElement[bool]) -> list[UUID]:
    query = (
        select(Payment.session_id)
        .join(ChargingSession, ChargingSession.id == Payment.session_id)
        .where(condition)
        .order_by(Payment.created_at, Payment.id)
        .limit(_BATCH)
    )
    async with deps.database.read(tenant_id) as session:
        return list(await session.scalars(query))


async def _try(
    report: SweepReport,
    action: Callable[[PaymentDeps, UUID, UUID], Awaitable[object]],
    deps: PaymentDeps,
    tenant_id: UUID,
    subject: UUID,
) -> None:
    report.taken += 1
    try:
        await action(deps, tenant_id, subject)
    except VoltlaneError as error:
        report.failed += 1
        _log.warning("payment.sweep_failed", subject=str(subject), reason=f"{type(error).__name__}: {error}")


async def _ask_again(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> None:
    """Learn what became of a hold that was never answered, and tell the domain."""
    result = await place_hold(deps, tenant_id, session_id)
    if result.status is not HoldStatus.UNKNOWN:
        async with deps.database.unit_of_work(tenant_id) as uow:
            await uow.enqueue(PAYMENT_CHANGED_JOB, {"session": str(session_id)})


async def _sweep_refunds(deps: PaymentDeps, tenant_id: UUID, report: SweepReport) -> None:
    query = (
        select(Refund.id, Payment.session_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.completed_at.is_(None),
            Refund.failure_code.is_(None),
            Refund.created_at < deps.clock.now() - _LEFT_ALONE,
        )
        .limit(_BATCH)
    )
    async with deps.database.read(tenant_id) as session:
        refunds = (await session.execute(query)).all()
    for refund_id, session_id in refunds:

        async def complete(deps: PaymentDeps, tenant_id: UUID, refund_id: UUID, of: UUID = session_id) -> None:
            await complete_refund(deps, tenant_id, of, refund_id)

        await _try(report, complete, deps, tenant_id, refund_id)


async def _sweep_debts(deps: PaymentDeps, tenant_id: UUID, report: SweepReport) -> None:
    query = (
        select(Debt)
        .join(Payment, Payment.session_id == Debt.session_id)
        .where(
            Debt.state == DebtState.OPEN,
            exists().where(
                PaymentOperation.payment_id == Payment.id,
                PaymentOperation.operation == OperationKind.DEBT.value,
                PaymentOperation.done_at.is_(None),
                PaymentOperation.created_at < deps.clock.now() - _LEFT_ALONE,
            ),
        )
        .limit(_BATCH)
    )
    async with deps.database.read(tenant_id) as session:
        debts = (await session.scalars(query)).all()
    for debt in debts:

        async def resume(deps: PaymentDeps, tenant_id: UUID, debt_id: UUID, driver_id: UUID = debt.driver_id) -> None:
            await pay_debt(deps, tenant_id, driver_id=driver_id, debt_id=debt_id)

        await _try(report, resume, deps, tenant_id, debt.id)


async def _sweep_cards(deps: PaymentDeps, tenant_id: UUID, report: SweepReport) -> None:
    query = (
        select(PaymentMethod.id)
        .where(PaymentMethod.removed_at < deps.clock.now() - _LEFT_ALONE, PaymentMethod.detached_at.is_(None))
        .limit(_BATCH)
    )
    async with deps.database.read(tenant_id) as session:
        cards = list(await session.scalars(query))
    for card_id in cards:
        await _try(report, detach_card, deps, tenant_id, card_id)


async def _wake_webhooks(deps: PaymentDeps, tenant_id: UUID, report: SweepReport) -> None:
    query = (
        select(WebhookEvent.id)
        .where(WebhookEvent.processed_at.is_(None), WebhookEvent.created_at < deps.clock.now() - _LEFT_ALONE)
        .order_by(WebhookEvent.created_at)
        .limit(_BATCH)
    )
    async with deps.database.unit_of_work(tenant_id) as uow:
        for event_id in await uow.session.scalars(query):
            report.taken += 1
            await uow.enqueue(WEBHOOK_JOB, {"event": str(event_id)}, dedupe_key=f"webhook:{event_id}")
