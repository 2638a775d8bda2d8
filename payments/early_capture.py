"""Captures a hold that is about to expire although the session goes on: what it costs so far is not lost.

A hold can be captured once. What the session costs after that is charged off-session when it is settled, and what was
captured too much, should it cost less in the end, is given back.
"""

from uuid import UUID

from app.domain.charging.incidents import open_incident
from app.domain.charging.tables import ChargingSession, IncidentKind
from payments.capture import capture_hold
from payments.deps import PaymentDeps
from payments.minimum import below_minimum
from payments.rows import require_payment


async def capture_early(deps: PaymentDeps, tenant_id: UUID, session_id: UUID) -> None:
    """Capture the running cost of a session whose hold is about to expire, and tell an operator.

    Raises as `capture_hold` does: repeat.
    """
    async with deps.database.unit_of_work(tenant_id) as uow:
        session = await uow.session.get_one(ChargingSession, session_id)
        payment = await require_payment(uow, session_id)
        cost = session.cost_gross_minor or 0
        before = payment.capture_before
        await open_incident(
            uow,
            IncidentKind.PAYMENT_EXPIRED,
            f"{session_id}:{payment.attempt}:warning",
            {
                "capture_before": before.isoformat() if before else None,
                "cost_minor": cost,
                "currency": payment.currency,
            },
            session_id=session_id,
        )
    if not below_minimum(cost, payment.currency):
        await capture_hold(deps, tenant_id, session_id, cost)
