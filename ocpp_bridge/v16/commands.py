"""Commands in the words of OCPP 1.6 (§5), and the answers in ours. A 1.6 connector id is an EVSE's number."""

from collections.abc import Callable, Sequence
from typing import Any

from app.domain.charging.commands import (
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    Command,
    CommandOutcome,
    GetVariables,
    RemoteStart,
    RemoteStop,
    ReserveNow,
    Reset,
    ResetKind,
    SetVariable,
    TriggerKind,
    TriggerMessage,
    UnlockConnector,
)
from app.domain.charging.tables import CommandState
from ocpp_bridge.frames import Payload, plain
from ocpp_bridge.outcomes import outcome_of_status
from ocpp_bridge.translate.timestamps import write_time
from ocpp_bridge.variables import ReportedVariable
from ocpp_bridge.version import CannotTranslateError, WireCall

_TRIGGERS = {
    TriggerKind.BOOT: "BootNotification",
    TriggerKind.HEARTBEAT: "Heartbeat",
    TriggerKind.STATUS: "StatusNotification",
    TriggerKind.METER_VALUES: "MeterValues",
}
_ACCEPTED = frozenset({"Accepted", "Scheduled", "RebootRequired", "Unlocked"})


def _remote_start(command: RemoteStart) -> WireCall:
    return WireCall("RemoteStartTransaction", {"connectorId": command.evse_no, "idTag": command.id_token})


def _remote_stop(command: RemoteStop) -> WireCall:
    if not command.transaction_id.isdigit():
        raise CannotTranslateError(f"an OCPP 1.6 transaction id is a number, not {command.transaction_id!r}")
    return WireCall("RemoteStopTransaction", {"transactionId": int(command.transaction_id)})


def _reserve(command: ReserveNow) -> WireCall:
    return WireCall(
        "ReserveNow",
        {
            "connectorId": command.evse_no,
            "expiryDate": write_time(command.expires_at),
            "idTag": command.id_token,
            "reservationId": command.reservation_id,
        },
    )


def _cancel(command: CancelReservation) -> WireCall:
    return WireCall("CancelReservation", {"reservationId": command.reservation_id})


def _reset(command: Reset) -> WireCall:
    return WireCall("Reset", {"type": "Soft" if command.kind is ResetKind.SOFT else "Hard"})


def _unlock(command: UnlockConnector) -> WireCall:
    return WireCall("UnlockConnector", {"connectorId": command.evse_no})


def _availability(command: ChangeAvailability) -> WireCall:
    kind = "Operative" if command.operative else "Inoperative"
    return WireCall("ChangeAvailability", {"connectorId": command.evse_no or 0, "type": kind})


def _trigger(command: TriggerMessage) -> WireCall:
    payload: Payload = {"requestedMessage": _TRIGGERS[command.kind]}
    if command.evse_no is not None:
        payload["connectorId"] = command.evse_no
    elif command.kind is TriggerKind.METER_VALUES:
        payload["connectorId"] = 1  # some chargers refuse the message without one
    return WireCall("TriggerMessage", payload)


def _get(command: GetVariables) -> WireCall:
    return WireCall("GetConfiguration", {"key": [name.variable for name in command.names]} if command.names else {})


def _set(command: SetVariable) -> WireCall:
    return WireCall("ChangeConfiguration", {"key": command.name.variable, "value": command.value})


def _clear_cache(_: ClearCache) -> WireCall:
    return WireCall("ClearCache", {})


_BUILDERS: dict[type[Any], Callable[[Any], WireCall]] = {
    RemoteStart: _remote_start,
    RemoteStop: _remote_stop,
    ReserveNow: _reserve,
    CancelReservation: _cancel,
    Reset: _reset,
    UnlockConnector: _unlock,
    ChangeAvailability: _availability,
    TriggerMessage: _trigger,
    GetVariables: _get,
    SetVariable: _set,
    ClearCache: _clear_cache,
}


def build(command: Command) -> WireCall:
    """Return the CALL of a command. Raises CannotTranslateError."""
    return _BUILDERS[type(command)](command)


def outcome(command: Command, answer: Payload) -> CommandOutcome:
    """Return what an answer means. GetConfiguration has no status: a list is an acceptance."""
    if isinstance(command, GetVariables):
        readable = isinstance(answer.get("configurationKey", []), list)
        state = CommandState.ACCEPTED if readable else CommandState.FAILED
        return CommandOutcome(state=state, answer=plain(answer))
    return outcome_of_status(answer, answer.get("status"), _ACCEPTED)


def variables(command: Command, answer: Payload) -> Sequence[ReportedVariable]:
    """Return the configuration keys a GetConfiguration answer carries; values that are no text are made text."""
    if not isinstance(command, GetVariables) or not isinstance(answer.get("configurationKey"), list):
        return []
    return [
        ReportedVariable(
            component="",
            variable=str(item["key"])[:200],
            value=None if item.get("value") is None else str(item["value"]),
            readonly=item.get("readonly") if isinstance(item.get("readonly"), bool) else None,
        )
        for item in answer["configurationKey"]
        if isinstance(item, dict) and item.get("key")
    ]


def ask_status(_: Sequence[int]) -> Sequence[Command]:
    """Return the commands that make a charger report its connectors: one, for all of them (§4.9, §5.17)."""
    return [TriggerMessage(kind=TriggerKind.STATUS)]
