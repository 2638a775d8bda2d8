"""Every change of a session goes through here: the state machine is asked, and an event carries the new progress.

The event's payload is the whole progress, so that a subscriber can replay what it missed without reading anything else.
"""

from datetime import datetime
from typing import Any

from app.db.uow import UnitOfWork
from app.domain.charging.states import SessionState, require_transition
from app.domain.charging.tables import ChargingSession


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def snapshot(session: ChargingSession) -> dict[str, Any]:
    """Return a session's progress: energy Wh, power W, money in minor units, times ISO 8601."""
    return {
        "state": session.state.value,
        "chargingState": session.charging_state.value if session.charging_state else None,
        "energyWh": session.energy_wh,
        "powerW": session.power_w,
        "socPercent": session.soc_percent,
        "costNetMinor": session.cost_net_minor,
        "costGrossMinor": session.cost_gross_minor,
        "currency": session.currency,
        "startedAt": _text(session.started_at),
        "energyEndedAt": _text(session.energy_ended_at),
        "endedAt": _text(session.ended_at),
        "lastReadingAt": _text(session.last_reading_at),
        "stopPending": session.stop_requested_at is not None and session.state is SessionState.ACTIVE,
        "stopReason": session.stop_reason.value if session.stop_reason else None,
        "failure": session.failure.value if session.failure else None,
    }


async def publish(uow: UnitOfWork, session: ChargingSession, event_type: str) -> None:
    """Append an event with the session's progress; the caller holds the row's lock."""
    await uow.session.flush()  # a new session gets its defaults here: the payload says what the row says
    await uow.record(session, event_type, snapshot(session))


async def move(uow: UnitOfWork, session: ChargingSession, target: SessionState) -> None:
    """Change the session's state and publish it. Raises IllegalTransitionError."""
    require_transition(session.state, target)
    session.state = target
    await publish(uow, session, f"session.{target.value.lower()}")
