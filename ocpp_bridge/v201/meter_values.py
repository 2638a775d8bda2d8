"""MeterValues (OCPP 2.0.1 J01): readings outside transactions; bound by EVSE and time, or kept unassigned."""

from app.domain.charging.messages import ReadingsReport
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, empty_acknowledgement, number
from ocpp_bridge.translate.meter_values import read_meter_values, sample_2


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the readings."""
    evse = number(payload, "evseId")
    readings = read_meter_values(
        payload.get("meterValue"), sample_2, received_at=context.received_at, zone=context.station.zone
    )
    await context.domain.record_readings(ReadingsReport(evse_no=evse or None, transaction_id=None, readings=readings))
    return {}


METER_VALUES = MessageHandler(
    action="MeterValues",
    handle=handle,
    lenient=frozenset({"evseId", "timestamp", "value", "sampledValue"}),
    billing=True,
    acknowledgement=empty_acknowledgement,
)
