"""BootNotification (OCPP 1.6 §4.2): who the charger is; the answer says whether it belongs to the network."""

from app.domain.charging.messages import BootReport
from ocpp_bridge.boot import register
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, text


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the boot and answer with status, time and interval."""
    report = BootReport(
        vendor=text(payload, "chargePointVendor") or "",
        model=text(payload, "chargePointModel") or "",
        serial_number=text(payload, "chargePointSerialNumber") or text(payload, "chargeBoxSerialNumber"),
        firmware_version=text(payload, "firmwareVersion"),
        received_at=context.received_at,
    )
    return await register(context, report)


BOOT_NOTIFICATION = MessageHandler(
    action="BootNotification", handle=handle, lenient=frozenset({"chargePointVendor", "chargePointModel"})
)
