"""StartTransaction (OCPP 1.6 §4.8): always a real transaction id, even where the tag is refused.

A start that could not be stored is answered with an error, so that the charger sends it again.
"""

from app.domain.charging.messages import TransactionStart
from app.domain.charging.states import Authorization
from ocpp_bridge.frames import Payload, plain
from ocpp_bridge.handling import Context, MessageHandler, always, never, number, required_number
from ocpp_bridge.translate.statuses import authorization_16
from ocpp_bridge.translate.tokens import token_16


async def handle(context: Context, payload: Payload) -> Payload:
    """Begin the transaction."""
    time = context.time(payload.get("timestamp"))
    meter_start = number(payload, "meterStart")
    opened = await context.domain.open_transaction(
        TransactionStart(
            evse_no=required_number(payload, "connectorId"),
            connector_no=1,
            transaction_id=None,
            id_token=token_16(payload.get("idTag")),
            reservation_id=number(payload, "reservationId"),
            meter_start_wh=meter_start if meter_start is not None and meter_start >= 0 else None,
            at=time.at,
            received_at=context.received_at,
            raw=plain(payload),
        )
    )
    decision = opened.authorization if token_16(payload.get("idTag")) else Authorization.INVALID
    return {
        "transactionId": int(opened.transaction_id),
        "idTagInfo": {"status": authorization_16(decision)},
    }


START_TRANSACTION = MessageHandler(
    action="StartTransaction",
    handle=handle,
    lenient=frozenset({"idTag", "meterStart", "timestamp", "reservationId"}),
    deduplicated=always,
    named=never,
    billing=True,
)
