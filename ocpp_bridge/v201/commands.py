"""Commands in the words of OCPP 2.0.1, and the answers in ours."""

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
from app.kit.ids import new_id
from ocpp_bridge.frames import Payload, plain
from ocpp_bridge.outcomes import outcome_of_status
from ocpp_bridge.translate.timestamps import write_time
from ocpp_bridge.v201.components import component_of, component_path, variable_of
from ocpp_bridge.variables import ReportedVariable
from ocpp_bridge.version import WireCall

_TRIGGERS = {
    TriggerKind.BOOT: "BootNotification",
    TriggerKind.HEARTBEAT: "Heartbeat",
    TriggerKind.STATUS: "StatusNotification",
    TriggerKind.METER_VALUES: "MeterValues",
}
_ACCEPTED = frozenset({"Accepted", "Scheduled", "RebootRequired", "Unlocked"})
_LARGEST_ID = 2**31 - 1


def _token(value: str) -> Payload:
    """Return a token that we made ourselves (C03: type Central)."""
    return {"idToken": value, "type": "Central"}


def _request_id() -> int:
    return new_id().int % _LARGEST_ID


def _remote_start(command: RemoteStart) -> WireCall:
    return WireCall(
        "RequestStartTransaction",
        {
            "evseId": command.evse_no,
            "remoteStartId": command.remote_start_id,
            "idToken": _token(command.id_token),
        },
    )


def _remote_stop(command: RemoteStop) -> WireCall:
    return WireCall("RequestStopTransaction", {"transactionId": command.transaction_id})


def _reserve(command: ReserveNow) -> WireCall:
    return WireCall(
        "ReserveNow",
        {
            "id": command.reservation_id,
            "expiryDateTime": write_time(command.expires_at),
            "idToken": _token(command.id_token),
            "evseId": command.evse_no,
        },
    )


def _cancel(command: CancelReservation) -> WireCall:
    return WireCall("CancelReservation", {"reservationId": command.reservation_id})


def _reset(command: Reset) -> WireCall:
    return WireCall("Reset", {"type": "OnIdle" if command.kind is ResetKind.SOFT else "Immediate"})


def _unlock(command: UnlockConnector) -> WireCall:
    return WireCall("UnlockConnector", {"evseId": command.evse_no, "connectorId": command.connector_no})


def _availability(command: ChangeAvailability) -> WireCall:
    payload: Payload = {"operationalStatus": "Operative" if command.operative else "Inoperative"}
    if command.evse_no is not None:
        payload["evse"] = {"id": command.evse_no}
    return WireCall("ChangeAvailability", payload)


def _trigger(command: TriggerMessage) -> WireCall:
    payload: Payload = {"requestedMessage": _TRIGGERS[command.kind]}
    if command.evse_no is not None:
        payload["evse"] = {"id": command.evse_no}
        if command.kind is TriggerKind.STATUS:
            payload["evse"]["connectorId"] = 1  # F06.FR.12
    return WireCall("TriggerMessage", payload)


def _get(command: GetVariables) -> WireCall:
    if not command.names:
        return WireCall("GetBaseReport", {"requestId": _request_id(), "reportBase": "FullInventory"})
    wanted = [
        {"component": component_of(name.component), "variable": variable_of(name.variable)} for name in command.names
    ]
    return WireCall("GetVariables", {"getVariableData": wanted})


def _set(command: SetVariable) -> WireCall:
    item = {
        "component": component_of(command.name.component),
        "variable": variable_of(command.name.variable),
        "attributeValue": command.value,
    }
    return WireCall("SetVariables", {"setVariableData": [item]})


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
    """Return the CALL of a command."""
    return _BUILDERS[type(command)](command)


def outcome(command: Command, answer: Payload) -> CommandOutcome:
    """Return what an answer means."""
    if isinstance(command, SetVariable):
        results = _objects(answer.get("setVariableResult"))
        return outcome_of_status(answer, results[0].get("attributeStatus") if results else None, _ACCEPTED)
    if isinstance(command, GetVariables) and command.names:
        readable = bool(_objects(answer.get("getVariableResult")))
        return CommandOutcome(state=CommandState.ACCEPTED if readable else CommandState.FAILED, answer=plain(answer))
    return outcome_of_status(answer, answer.get("status"), _ACCEPTED)


def variables(command: Command, answer: Payload) -> Sequence[ReportedVariable]:
    """Return the values a GetVariables answer carries."""
    if not isinstance(command, GetVariables):
        return []
    return [
        ReportedVariable(
            component=component_path(_object(item.get("component"))),
            variable=_variable_name(_object(item.get("variable"))),
            attribute=str(item.get("attributeType") or "Actual")[:20],
            value=None if item.get("attributeValue") is None else str(item["attributeValue"]),
        )
        for item in _objects(answer.get("getVariableResult"))
        if item.get("attributeStatus") == "Accepted"
    ]


def ask_status(evse_numbers: Sequence[int]) -> Sequence[Command]:
    """Return the commands that make a station report its connectors: one for each EVSE (F06.FR.12)."""
    return [TriggerMessage(kind=TriggerKind.STATUS, evse_no=number) for number in evse_numbers]


def _variable_name(variable: Payload) -> str:
    instance = variable.get("instance")
    return f"{variable.get('name')}[{instance}]"[:200] if instance else str(variable.get("name"))[:200]


def _object(value: Any) -> Payload:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Payload]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
