"""MeterValues (OCPP 1.6 §4.7): never dropped; bound by transaction, else by connector and time.

Chargers send 0, -1 or an impossible number where they have no transaction id: such readings are bound by connector.
"""

from app.domain.charging.messages import ReadingsReport
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, empty_acknowledgement, number
from ocpp_bridge.translate.meter_values import read_meter_values, sample_16

_LARGEST_ID = 2**31 - 1


def transaction_of(payload: Payload) -> str | None:
    """Return the transaction id of a message, or None where it has none that was ever given out."""
    value = number(payload, "transactionId")
    return str(value) if value is not None and 0 < value <= _LARGEST_ID else None


def has_transaction(payload: Payload) -> bool:
    """Tell whether a message names a transaction."""
    return transaction_of(payload) is not None


async def handle(context: Context, payload: Payload) -> Payload:
    """Store the readings."""
    connector = number(payload, "connectorId")
    readings = read_meter_values(
        payload.get("meterValue"), sample_16, received_at=context.received_at, zone=context.station.zone
    )
    await context.domain.record_readings(
        ReadingsReport(evse_no=connector or None, transaction_id=transaction_of(payload), readings=readings)
    )
    return {}


METER_VALUES = MessageHandler(
    action="MeterValues",
    handle=handle,
    lenient=frozenset({"connectorId", "transactionId", "timestamp", "value", "sampledValue"}),
    deduplicated=has_transaction,
    billing=True,
    acknowledgement=empty_acknowledgement,
)
