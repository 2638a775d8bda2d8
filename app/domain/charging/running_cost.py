"""What a session costs so far: brought up to date by readings, and by the clock while a car only blocks the place.

The same rating as the bill's; what is shown on the way never enters it. A session that has reached one of its limits
is asked to stop here.
"""

from datetime import datetime

from app.db.uow import UnitOfWork
from app.domain.charging.limits import reached_cost, reached_limit
from app.domain.charging.rating import load_record
from app.domain.charging.settings import ChargingSettings
from app.domain.charging.states import SessionState
from app.domain.charging.stop_request import request_stop
from app.domain.charging.tables import ChargingSession
from app.domain.stations.tables import Evse


async def refresh_cost(
    uow: UnitOfWork,
    session: ChargingSession,
    settings: ChargingSettings,
    now: datetime,
    *,
    until: datetime | None = None,
) -> bool:
    """Rate a locked session up to its newest reading (or `until`, where nothing flows); return whether it changed."""
    if session.tariff_snapshot_id is None or session.started_at is None:
        return False
    await uow.session.flush()
    record = await load_record(uow.session, session)
    before = (session.cost_net_minor, session.cost_gross_minor)
    totals = record.rate(max(until or session.last_reading_at or session.started_at, session.started_at)).totals
    session.cost_net_minor = 0 if session.free_of_charge else totals.net.minor
    session.cost_gross_minor = 0 if session.free_of_charge else totals.gross.minor
    if session.stop_requested_at is None and session.state is SessionState.ACTIVE:
        evse = await uow.session.get(Evse, session.evse_id) if session.evse_id else None
        power = evse.max_power_w if evse else None
        reason = reached_limit(session, now) or reached_cost(record, now, settings, power)
        if reason is not None:
            await request_stop(uow, session, reason, now)
    return before != (session.cost_net_minor, session.cost_gross_minor)
