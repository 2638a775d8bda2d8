"""BootNotification (OCPP 2.0.1 B01–B03): who the station is; the answer says whether it belongs to the network."""

from app.domain.charging.messages import BootReport
from ocpp_bridge.boot import register
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, child, text


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the boot and answer with status, time and interval."""
    station = child(payload, "chargingStation")
    report = BootReport(
        vendor=text(station, "vendorName") or "",
        model=text(station, "model") or "",
        serial_number=text(station, "serialNumber"),
        firmware_version=text(station, "firmwareVersion"),
        reason=text(payload, "reason"),
        received_at=context.received_at,
    )
    return await register(context, report)


BOOT_NOTIFICATION = MessageHandler(
    action="BootNotification", handle=handle, lenient=frozenset({"vendorName", "model", "reason"})
)
