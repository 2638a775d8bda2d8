"""StopTransaction (OCPP 1.6 §4.10): always acknowledged; what cannot be applied is quarantined.

The id goes to the domain as the charger sent it, -1 and 0 included: there it is bound or kept, never guessed here.
"""

from app.domain.charging.messages import TransactionEnd
from ocpp_bridge.frames import Payload, plain
from ocpp_bridge.handling import Context, MessageHandler, always, empty_acknowledgement, number, required_number, text
from ocpp_bridge.translate.meter_values import read_meter_values, sample_16
from ocpp_bridge.translate.reasons import stop_reason
from ocpp_bridge.translate.statuses import authorization_16
from ocpp_bridge.translate.tokens import token_16
from ocpp_bridge.v16.meter_values import has_transaction


async def handle(context: Context, payload: Payload) -> Payload:
    """End the transaction; the answer carries idTagInfo only where the stop carried a tag."""
    reason = text(payload, "reason")
    meter_stop = number(payload, "meterStop")
    token = token_16(payload.get("idTag"))
    decision = await context.domain.end_transaction(
        TransactionEnd(
            transaction_id=str(required_number(payload, "transactionId"))[:40],
            id_token=token,
            meter_stop_wh=meter_stop if meter_stop is not None and meter_stop >= 0 else None,
            reason=stop_reason(reason),
            ocpp_reason=reason,
            unplugged=reason == "EVDisconnected",
            at=context.time(payload.get("timestamp")).at,
            received_at=context.received_at,
            readings=read_meter_values(
                payload.get("transactionData"), sample_16, received_at=context.received_at, zone=context.station.zone
            ),
            raw=plain(payload),
        )
    )
    if token is None or decision is None:
        return {}
    return {"idTagInfo": {"status": authorization_16(decision)}}


STOP_TRANSACTION = MessageHandler(
    action="StopTransaction",
    handle=handle,
    lenient=frozenset({"idTag", "meterStop", "timestamp", "reason", "value", "sampledValue", "transactionData"}),
    deduplicated=always,
    named=has_transaction,
    billing=True,
    acknowledgement=empty_acknowledgement,
)
