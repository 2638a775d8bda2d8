"""In which charging state a session's energy was, and since when: what idle fees and suspended time are rated from."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.charging.progress import publish
from app.domain.charging.states import ChargingState
from app.domain.charging.tables import ChargingSession, SessionPhase
from app.kit.ids import new_id


async def enter_phase(uow: UnitOfWork, session: ChargingSession, state: ChargingState, at: datetime) -> None:
    """Note that from `at` on the session is in `state`; the same state again adds nothing."""
    if session.charging_state is state:
        return
    await uow.session.execute(
        insert(SessionPhase)
        .values(id=new_id(), tenant_id=uow.tenant_id, session_id=session.id, charging_state=state, began_at=at)
        .on_conflict_do_nothing(index_elements=["session_id", "began_at", "charging_state"])
    )
    session.charging_state = state
    if state is not ChargingState.CHARGING:
        session.power_w = 0
    await publish(uow, session, "session.charging_state")
