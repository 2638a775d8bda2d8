"""How far a charger's clock is off, estimated from messages that are sent as they happen.

Only recorded for operators: times are put right message by message (see translate/timestamps.py), never shifted by
an estimate.
"""

from sqlalchemy import update

from app.domain.stations.tables import Charger
from ocpp_bridge.handling import Context
from ocpp_bridge.translate.timestamps import parse_time

_WORTH_STORING_SECONDS = 30
_LARGEST_SECONDS = 2**31


async def note_skew(context: Context, raw: object) -> None:
    """Store the clock skew that a live timestamp shows, where it moved noticeably; positive means ahead."""
    at = parse_time(str(raw), context.station.zone) if raw is not None else None
    if at is None:
        return
    seconds = round((at - context.received_at).total_seconds())
    known = context.station.clock_skew_seconds
    if abs(seconds) > _LARGEST_SECONDS or (known is not None and abs(seconds - known) < _WORTH_STORING_SECONDS):
        return
    context.station.clock_skew_seconds = seconds
    await context.uow.session.execute(
        update(Charger).where(Charger.id == context.station.charger_id).values(clock_skew_seconds=seconds)
    )
