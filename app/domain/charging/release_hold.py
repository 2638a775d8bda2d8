"""The job that gives back the hold of a start that came to nothing, unless the charger began after all."""

from uuid import UUID

from app.domain.charging.deps import Charging
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession

_CAME_TO_NOTHING = frozenset({SessionState.FAILED, SessionState.CANCELLED})


async def release_hold(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Release the hold of a failed or cancelled session. Raises where the processor did not confirm it: repeat.

    A late start may have overtaken the job: what was held for it must then stay held.
    """
    async with deps.database.read(tenant_id) as db:
        session = await db.get_one(ChargingSession, session_id)
    if session.state in _CAME_TO_NOTHING:
        await deps.payments.release(tenant_id, session_id)
