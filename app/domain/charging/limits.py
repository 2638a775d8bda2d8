"""When a session must stop itself: the driver's limits, and the hold that its cost must not pass."""

from datetime import datetime

from app.domain.charging.rating import SessionRecord, ahead_stretch
from app.domain.charging.settings import ChargingSettings
from app.domain.charging.states import StopReason
from app.domain.charging.tables import ChargingSession

_ASSUMED_MAX_POWER_W = 50_000


def reached_limit(session: ChargingSession, now: datetime) -> StopReason | None:
    """Return which of the driver's own limits the session has reached: energy, state of charge, time."""
    if session.max_energy_wh is not None and session.energy_wh >= session.max_energy_wh:
        return StopReason.LIMIT_ENERGY
    if session.max_soc is not None and (session.soc_percent or 0) >= session.max_soc:
        return StopReason.LIMIT_SOC
    if session.max_duration_seconds is None or session.started_at is None:
        return None
    over = (now - session.started_at).total_seconds() >= session.max_duration_seconds
    return StopReason.LIMIT_TIME if over else None


def cost_ceiling(session: ChargingSession) -> tuple[int, StopReason] | None:
    """Return the amount (minor units) the cost must not pass, and why: the driver's limit or the hold."""
    ceilings = [
        (session.max_cost_minor, StopReason.LIMIT_COST),
        (session.hold_minor, StopReason.HOLD_REACHED),
    ]
    known = [(amount, reason) for amount, reason in ceilings if amount is not None]
    return min(known, key=lambda ceiling: ceiling[0]) if known else None


def reached_cost(
    record: SessionRecord, now: datetime, settings: ChargingSettings, max_power_w: int | None
) -> StopReason | None:
    """Return why the session must stop now, because energy that may still flow before a stop acts would cost too much.

    The margin is the EVSE's maximum power for one sample interval and 30 s.
    """
    ceiling = cost_ceiling(record.session)
    if ceiling is None or record.session.free_of_charge:
        return None
    last = max(now, record.session.last_reading_at or now)
    ahead = ahead_stretch(last, settings.limit_margin, max_power_w or _ASSUMED_MAX_POWER_W)
    gross = record.rate(last, ahead=ahead).totals.gross.minor
    return ceiling[1] if gross >= ceiling[0] else None
