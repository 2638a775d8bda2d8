"""StatusNotification (OCPP 2.0.1 G01): the state of a connector."""

from app.domain.charging.messages import StatusReport
from ocpp_bridge.faults import Fault, UnusableMessageError
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, number, required_number
from ocpp_bridge.skew import note_skew
from ocpp_bridge.translate.statuses import STATUS_2


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the status."""
    evse = required_number(payload, "evseId")
    status = str(payload.get("connectorStatus"))
    if status not in STATUS_2:
        raise UnusableMessageError(Fault.PROPERTY, f"unknown status {status[:40]!r}")
    await note_skew(context, payload.get("timestamp"))
    await context.domain.report_status(
        StatusReport(
            evse_no=evse if evse > 0 else None,
            connector_no=number(payload, "connectorId"),
            status=STATUS_2[status],
            ocpp_status=status,
            error_code="Faulted" if status == "Faulted" else None,
            at=context.time(payload.get("timestamp")).at,
            received_at=context.received_at,
        )
    )
    return {}


STATUS_NOTIFICATION = MessageHandler(
    action="StatusNotification", handle=handle, lenient=frozenset({"connectorId", "timestamp"})
)
