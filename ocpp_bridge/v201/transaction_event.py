"""TransactionEvent (OCPP 2.0.1 E01–E15): a transaction begins, changes or ends, with its readings.

A transaction may open before anyone is authorised (cable first): the domain notes it, and billing begins with the
first event that names a token or a remote start. Ended is always acknowledged; a Started that could not be stored
is refused, so that the station sends it again.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.charging.messages import Reading, TransactionEnd, TransactionStart, TransactionUpdate
from app.domain.charging.states import Authorization, ChargingState
from ocpp_bridge.faults import Fault, UnusableMessageError
from ocpp_bridge.frames import Payload, plain
from ocpp_bridge.handling import Context, MessageHandler, always, child, number, text
from ocpp_bridge.translate.meter_values import read_meter_values, sample_2
from ocpp_bridge.translate.reasons import stop_reason
from ocpp_bridge.translate.statuses import CHARGING_STATE_2, authorization_2
from ocpp_bridge.translate.tokens import token_2

_UNPLUGGED_TRIGGERS = frozenset({"EVDeparted"})

_END_OF_AUTHORISATION = frozenset(
    {"StopAuthorized", "RemoteStop", "Deauthorized", "EnergyLimitReached", "TimeLimitReached"}
)
"""TriggerReasonEnumType values after which the transaction may go on (TxStopPoint), but no energy is authorised."""


@dataclass(frozen=True, slots=True)
class _Event:
    """What every event carries, translated."""

    kind: str
    transaction_id: str
    evse_no: int | None
    connector_no: int | None
    token: str | None
    remote_start_id: int | None
    reservation_id: int | None
    charging_state: ChargingState | None
    at: datetime
    seq_no: int | None
    offline: bool
    readings: tuple[Reading, ...]
    trigger: str | None
    stopped_reason: str | None


def _read(context: Context, payload: Payload) -> _Event:
    info, evse = child(payload, "transactionInfo"), child(payload, "evse")
    transaction_id = text(info, "transactionId", longest=36)
    if transaction_id is None:
        raise UnusableMessageError(Fault.OCCURRENCE, "transactionInfo.transactionId is missing")
    return _Event(
        kind=str(payload.get("eventType")),
        transaction_id=transaction_id,
        evse_no=number(evse, "id"),
        connector_no=number(evse, "connectorId"),
        token=token_2(payload.get("idToken")),
        remote_start_id=number(info, "remoteStartId"),
        reservation_id=number(payload, "reservationId"),
        charging_state=CHARGING_STATE_2.get(str(info.get("chargingState"))),
        at=context.time(payload.get("timestamp")).at,
        seq_no=number(payload, "seqNo"),
        offline=payload.get("offline") is True,
        readings=read_meter_values(
            payload.get("meterValue"), sample_2, received_at=context.received_at, zone=context.station.zone
        ),
        trigger=text(payload, "triggerReason"),
        stopped_reason=text(info, "stoppedReason"),
    )


async def handle(context: Context, payload: Payload) -> Payload:
    """Apply the event; the answer carries idTokenInfo exactly where the event carried a token (E01.FR.05, C01)."""
    event = _read(context, payload)
    if event.kind == "Ended":
        decision = await _end(context, event, payload)
    elif event.kind == "Started":
        decision = await _start(context, event, payload)
    else:
        decision = await _update(context, event, payload)
    if not isinstance(payload.get("idToken"), dict):
        return {}
    if event.token is None:  # NoAuthorization (a start button) has no token to refuse: C02.FR.02
        decision = Authorization.ACCEPTED
    return {"idTokenInfo": {"status": authorization_2(decision or Authorization.INVALID)}}


async def _start(context: Context, event: _Event, payload: Payload) -> Authorization:
    opened = await context.domain.open_transaction(
        TransactionStart(
            evse_no=event.evse_no,
            connector_no=event.connector_no,
            transaction_id=event.transaction_id,
            id_token=event.token,
            remote_start_id=event.remote_start_id,
            reservation_id=event.reservation_id,
            meter_start_wh=next((r.register_wh for r in event.readings if r.register_wh is not None), None),
            at=event.at,
            received_at=context.received_at,
            offline=event.offline,
            raw=plain(payload),
        )
    )
    await _update(context, event, payload, told_token=False)
    return opened.authorization


async def _update(
    context: Context, event: _Event, payload: Payload, *, told_token: bool = True
) -> Authorization | None:
    return await context.domain.update_transaction(
        TransactionUpdate(
            transaction_id=event.transaction_id,
            evse_no=event.evse_no,
            connector_no=event.connector_no,
            id_token=event.token if told_token else None,
            remote_start_id=event.remote_start_id if told_token else None,
            reservation_id=event.reservation_id,
            charging_state=event.charging_state,
            at=event.at,
            received_at=context.received_at,
            seq_no=event.seq_no,
            offline=event.offline,
            readings=event.readings,
            authorisation_ended=event.trigger in _END_OF_AUTHORISATION,
            raw=plain(payload),
        )
    )


async def _end(context: Context, event: _Event, payload: Payload) -> Authorization | None:
    unplugged = (
        event.stopped_reason == "EVDisconnected"
        or event.charging_state is ChargingState.IDLE
        or event.trigger in _UNPLUGGED_TRIGGERS
    )
    closing = [r for r in event.readings if r.context == "Transaction.End" and r.suspect_reason is None]
    return await context.domain.end_transaction(
        TransactionEnd(
            transaction_id=event.transaction_id,
            evse_no=event.evse_no,
            id_token=event.token,
            meter_stop_wh=next((r.register_wh for r in reversed(closing) if r.register_wh is not None), None),
            reason=stop_reason(event.stopped_reason),
            ocpp_reason=event.stopped_reason,
            unplugged=unplugged,
            at=event.at,
            received_at=context.received_at,
            seq_no=event.seq_no,
            offline=event.offline,
            readings=event.readings,
            raw=plain(payload),
        )
    )


def _acknowledgement(payload: Payload) -> Payload | None:
    """Acknowledge what is quarantined, but for a start: the station sends that again."""
    return None if payload.get("eventType") == "Started" else {}


TRANSACTION_EVENT = MessageHandler(
    action="TransactionEvent",
    handle=handle,
    lenient=frozenset(
        {"timestamp", "value", "sampledValue", "seqNo", "triggerReason", "offline", "idToken", "type", "meterValue"}
    ),
    deduplicated=always,
    billing=True,
    acknowledgement=_acknowledgement,
)
