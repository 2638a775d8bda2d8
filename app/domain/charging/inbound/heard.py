"""When a charger last spoke of a session: one it has been silent about for long has lost its stop."""

from datetime import datetime

from app.domain.charging.tables import ChargingSession


def heard(session: ChargingSession, *received_at: datetime) -> None:
    """Note when messages about a session came in, by our own clock; older ones change nothing."""
    before = (session.last_heard_at,) if session.last_heard_at else ()
    session.last_heard_at = max((*before, *received_at), default=None)
