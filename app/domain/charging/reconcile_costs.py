"""The reconcile round that lets the driver watch the idle fee grow: no reading comes while a car blocks the place.

At most once a minute a session. Only what is shown is changed; the bill is rated from the session's own end.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.db.uow import UnitOfWork
from app.domain.charging.deps import Charging
from app.domain.charging.progress import publish
from app.domain.charging.running_cost import refresh_cost
from app.domain.charging.states import ChargingState, SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.stations.tables import Charger

_EVERY = timedelta(minutes=1)


def standing_still(now: datetime) -> ColumnElement[bool]:
    """Tell which sessions pay for time that no reading reports: parked, or idle without a reading for a minute.

    What happens at a charger that is offline is not known: the cost stands still until it tells.
    """
    blocked = or_(
        ChargingSession.charging_state.in_((ChargingState.SUSPENDED_EV, ChargingState.IDLE)),
        and_(
            ChargingSession.charging_state == ChargingState.EV_CONNECTED,
            or_(ChargingSession.authorisation_ended_at.is_not(None), ChargingSession.stop_requested_at.is_not(None)),
        ),
    )
    unread = or_(ChargingSession.last_reading_at.is_(None), ChargingSession.last_reading_at <= now - _EVERY)
    connected = select(Charger.id).where(Charger.id == ChargingSession.charger_id, Charger.connected)
    return and_(
        or_(
            ChargingSession.state == SessionState.PARKING,
            and_(ChargingSession.state == SessionState.ACTIVE, blocked, unread),
        ),
        connected.exists(),
        ChargingSession.tariff_snapshot_id.is_not(None),
        ChargingSession.free_of_charge.is_(False),
        or_(ChargingSession.cost_rated_at.is_(None), ChargingSession.cost_rated_at <= now - _EVERY),
    )


async def bring_up_to_date(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Rate the session up to now (a parked one at most up to its cap) and publish what changed."""

    async def work(uow: UnitOfWork) -> None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state not in (SessionState.ACTIVE, SessionState.PARKING):
            return
        now = deps.clock.now()
        session.cost_rated_at = now
        until = min(now, session.deadline_at or now) if session.state is SessionState.PARKING else now
        if await refresh_cost(uow, session, deps.settings, now, until=until):
            await publish(uow, session, "session.progress")

    await deps.database.transact(tenant_id, work)
