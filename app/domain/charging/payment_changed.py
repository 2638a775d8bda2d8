"""The processor told of a change (webhook) or the app asked to look again: the hold is read anew and applied."""

from uuid import UUID

from app.domain.charging.apply_hold import apply_hold
from app.domain.charging.deps import Charging
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.ports import HoldResult


async def payment_changed(deps: Charging, tenant_id: UUID, session_id: UUID) -> HoldResult | None:
    """Re-read the hold of a session that waits for it and advance the session. Never trusts what a webhook carried."""
    async with deps.database.read(tenant_id) as db:
        session = await db.get(ChargingSession, session_id)
    if session is None or session.state not in (SessionState.PENDING_PAYMENT, SessionState.PENDING_ACTION):
        return None
    result = await deps.payments.read_hold(tenant_id, session_id)
    await apply_hold(deps, tenant_id, session_id, result)
    return result
