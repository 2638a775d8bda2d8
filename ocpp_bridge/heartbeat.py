"""Heartbeat, in all versions: our time, without a transaction; that the charger lives is noted in batches elsewhere."""

from datetime import datetime

from ocpp_bridge.frames import Payload
from ocpp_bridge.translate.timestamps import write_time

HEARTBEAT = "Heartbeat"


def answer(now: datetime) -> Payload:
    """Return the answer to a heartbeat."""
    return {"currentTime": write_time(now)}
