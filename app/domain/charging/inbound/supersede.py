"""A new transaction on an EVSE whose older session still seems to live: the stop was lost, or the start never came."""

from datetime import datetime

from app.db.uow import UnitOfWork
from app.domain.charging.fail import fail_start
from app.domain.charging.incidents import open_incident
from app.domain.charging.states import STARTING, FailureCode, SessionState, StopReason
from app.domain.charging.tables import ChargingSession, IncidentKind
from app.domain.charging.unplug import begin_settling


async def supersede(uow: UnitOfWork, session: ChargingSession, at: datetime) -> None:
    """Make an older session give way to a start at `at`: settled from its last reading, or failed if it never began."""
    if session.state in STARTING:
        await fail_start(uow, session, FailureCode.CHARGER_DID_NOT_START, "another transaction began on the EVSE")
        await uow.session.flush()
        return
    if session.state is SessionState.ACTIVE:
        began = session.started_at or at
        session.energy_ended_at = max(began, min(session.last_reading_at or began, at))
        session.stop_reason = StopReason.STOP_LOST
        session.power_w = 0
        session.charging_state = None
        session.energy_estimated = True
        await open_incident(
            uow,
            IncidentKind.STOP_LOST,
            str(session.id),
            {"energyWh": session.energy_wh, "lastReadingAt": str(session.last_reading_at)},
            charger_id=session.charger_id,
            session_id=session.id,
        )
    session.ended_at = session.energy_ended_at or at
    await begin_settling(uow, session)
    await uow.session.flush()
