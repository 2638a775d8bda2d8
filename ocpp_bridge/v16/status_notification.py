"""StatusNotification (OCPP 1.6 §4.9): the state of a connector, or of the whole charger where the connector is 0."""

from app.domain.charging.messages import StatusReport
from ocpp_bridge.faults import Fault, UnusableMessageError
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, required_number, text
from ocpp_bridge.skew import note_skew
from ocpp_bridge.translate.statuses import STATUS_16


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the status."""
    connector = required_number(payload, "connectorId")
    status = str(payload.get("status"))
    if status not in STATUS_16:
        raise UnusableMessageError(Fault.PROPERTY, f"unknown status {status[:40]!r}")
    evse_status, charging_state = STATUS_16[status]
    error_code = text(payload, "errorCode")
    await note_skew(context, payload.get("timestamp"))
    await context.domain.report_status(
        StatusReport(
            evse_no=connector if connector > 0 else None,
            connector_no=1 if connector > 0 else None,
            status=evse_status,
            ocpp_status=status,
            charging_state=charging_state,
            error_code=None if error_code == "NoError" else error_code,
            detail=text(payload, "info") or text(payload, "vendorErrorCode"),
            at=context.time(payload.get("timestamp")).at,
            received_at=context.received_at,
        )
    )
    return {}


STATUS_NOTIFICATION = MessageHandler(
    action="StatusNotification", handle=handle, lenient=frozenset({"errorCode", "timestamp"})
)
