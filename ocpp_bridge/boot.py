"""The answer to a boot, common to all versions."""

from app.domain.charging.messages import BootReport
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context
from ocpp_bridge.translate.statuses import REGISTRATION
from ocpp_bridge.translate.timestamps import write_time


async def register(context: Context, report: BootReport) -> Payload:
    """Store a boot; answer with the registration, our time, and an interval that is never 0.

    The interval is that of heartbeats for an accepted charger, else the time after which it asks again.
    """
    status = await context.domain.register_boot(report)
    context.station.registration = status
    context.station.booted_at = context.received_at
    accepted = REGISTRATION[status] == "Accepted"
    return {
        "status": REGISTRATION[status],
        "currentTime": write_time(context.received_at),
        "interval": context.config.heartbeat_seconds if accepted else context.config.retry_boot_seconds,
    }
