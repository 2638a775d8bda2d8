"""Commands in both versions: valid by the schema, and answers understood."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.charging.commands import (
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    Command,
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
    VariableName,
)
from app.domain.charging.tables import CommandState
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.translate.statuses import STATUS_2, STATUS_16
from ocpp_bridge.v16.version import V16
from ocpp_bridge.v201.components import component_of, component_path
from ocpp_bridge.v201.version import V201
from ocpp_bridge.variables import ReportedVariable
from ocpp_bridge.version import CannotTranslateError, Version

EXPIRY = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
NAME = VariableName(component="SampledDataCtrlr@1.2", variable="TxUpdatedInterval")
COMMANDS: list[tuple[Command, str, str]] = [
    (RemoteStart(evse_no=1, id_token="T" * 20, remote_start_id=7), "RemoteStartTransaction", "RequestStartTransaction"),
    (RemoteStop(transaction_id="100001"), "RemoteStopTransaction", "RequestStopTransaction"),
    (ReserveNow(reservation_id=3, evse_no=1, id_token="T", expires_at=EXPIRY), "ReserveNow", "ReserveNow"),
    (CancelReservation(reservation_id=3), "CancelReservation", "CancelReservation"),
    (Reset(kind=ResetKind.SOFT), "Reset", "Reset"),
    (Reset(kind=ResetKind.HARD), "Reset", "Reset"),
    (UnlockConnector(evse_no=1), "UnlockConnector", "UnlockConnector"),
    (ChangeAvailability(evse_no=None, operative=True), "ChangeAvailability", "ChangeAvailability"),
    (ChangeAvailability(evse_no=2, operative=False), "ChangeAvailability", "ChangeAvailability"),
    *((TriggerMessage(kind=kind), "TriggerMessage", "TriggerMessage") for kind in TriggerKind),
    *((TriggerMessage(kind=kind, evse_no=1), "TriggerMessage", "TriggerMessage") for kind in TriggerKind),
    (GetVariables(), "GetConfiguration", "GetBaseReport"),
    (GetVariables(names=(NAME,)), "GetConfiguration", "GetVariables"),
    (SetVariable(name=NAME, value="30"), "ChangeConfiguration", "SetVariables"),
    (ClearCache(), "ClearCache", "ClearCache"),
]


@pytest.mark.parametrize(("command", "action_16", "action_201"), COMMANDS)
def test_every_command_is_valid_in_both_versions(command: Command, action_16: str, action_201: str) -> None:
    for version, action in ((V16, action_16), (V201, action_201)):
        call = version.build(command)
        assert call.action == action
        assert version.schemas.request_errors(call.action, call.payload) == []


def test_details_that_matter_on_the_wire() -> None:
    reserve = ReserveNow(reservation_id=3, evse_no=1, id_token="T", expires_at=EXPIRY)
    assert V16.build(reserve).payload["expiryDate"] == "2026-11-20T11:30:00.000Z"
    assert V201.build(reserve).payload["expiryDateTime"] == "2026-11-20T11:30:00.000Z"
    assert V16.build(TriggerMessage(kind=TriggerKind.METER_VALUES)).payload["connectorId"] == 1
    assert V201.build(SetVariable(name=NAME, value="30")).payload["setVariableData"] == [
        {
            "component": {"name": "SampledDataCtrlr", "evse": {"id": 1, "connectorId": 2}},
            "variable": {"name": "TxUpdatedInterval"},
            "attributeValue": "30",
        }
    ]
    with pytest.raises(CannotTranslateError):
        V16.build(RemoteStop(transaction_id="a-2.x-id"))


@pytest.mark.parametrize(
    ("version", "command", "answer", "state", "status"),
    [
        (V16, ClearCache(), {"status": "Accepted"}, CommandState.ACCEPTED, "Accepted"),
        (
            V16,
            ChangeAvailability(evse_no=1, operative=True),
            {"status": "Scheduled"},
            CommandState.ACCEPTED,
            "Scheduled",
        ),
        (V16, UnlockConnector(evse_no=1), {"status": "UnlockFailed"}, CommandState.REJECTED, "UnlockFailed"),
        (V16, UnlockConnector(evse_no=1), {"status": "Unlocked"}, CommandState.ACCEPTED, "Unlocked"),
        (V16, CancelReservation(reservation_id=1), {"status": "Rejected"}, CommandState.REJECTED, "Rejected"),
        (V16, GetVariables(), {}, CommandState.ACCEPTED, None),
        (V16, GetVariables(), {"configurationKey": "x"}, CommandState.FAILED, None),
        (V16, ClearCache(), {}, CommandState.FAILED, None),
        (V16, ClearCache(), {"status": None}, CommandState.FAILED, None),
        (
            V201,
            SetVariable(name=NAME, value="1"),
            {"setVariableResult": [{"attributeStatus": "RebootRequired"}]},
            CommandState.ACCEPTED,
            "RebootRequired",
        ),
        (V201, SetVariable(name=NAME, value="1"), {"setVariableResult": []}, CommandState.FAILED, None),
        (V201, GetVariables(names=(NAME,)), {"getVariableResult": [{}]}, CommandState.ACCEPTED, None),
        (V201, GetVariables(), {"status": "EmptyResultSet"}, CommandState.REJECTED, "EmptyResultSet"),
    ],
)
def test_answers_are_understood(
    version: Version, command: Command, answer: dict[str, Any], state: CommandState, status: str | None
) -> None:
    outcome = version.outcome(command, answer)
    assert (outcome.state, outcome.status, outcome.answer) == (state, status, answer)


def test_answers_carry_variables() -> None:
    keys = {"configurationKey": [{"key": "A", "readonly": True, "value": 5}, {"key": "B"}, {}, None]}
    assert list(V16.variables(GetVariables(), keys)) == [
        ReportedVariable("", "A", "5", readonly=True),
        ReportedVariable("", "B", None),
    ]
    result = {"component": {"name": "C", "instance": "i"}, "variable": {"name": "V", "instance": "x"}}
    results = [
        result | {"attributeStatus": "Accepted", "attributeValue": "7"},
        result | {"attributeStatus": "Rejected"},
    ]
    assert list(V201.variables(GetVariables(names=(NAME,)), {"getVariableResult": results})) == [
        ReportedVariable("C[i]", "V[x]", "7")
    ]


@pytest.mark.parametrize(
    "component",
    [
        {"name": "A"},
        {"name": "A", "instance": "i"},
        {"name": "A", "evse": {"id": 1}},
        {"name": "A", "instance": "i", "evse": {"id": 1, "connectorId": 2}},
    ],
)
def test_components_survive_as_text(component: dict[str, Any]) -> None:
    assert component_of(component_path(component)) == component


def test_every_status_of_the_schemas_is_known() -> None:
    base_16 = {"connectorId": 1, "errorCode": "NoError"}
    assert all(not V16.schemas.request_errors("StatusNotification", base_16 | {"status": s}) for s in STATUS_16)
    [error] = V16.schemas.request_errors("StatusNotification", base_16 | {"status": "?"})
    assert set(error.options) == set(STATUS_16)
    base_2 = {"timestamp": "t", "evseId": 1, "connectorId": 1}
    [error] = V201.schemas.request_errors("StatusNotification", base_2 | {"connectorStatus": "?"})
    assert set(error.options) == set(STATUS_2)


@pytest.mark.parametrize("version", [V16, V201])
def test_the_baseline_can_be_read_and_set(version: Version) -> None:
    wishes = version.wishes(BridgeConfig())
    read = version.build(GetVariables(names=tuple(wish.name for wish in wishes)))
    assert version.schemas.request_errors(read.action, read.payload) == []
    for wish in wishes:
        for value in wish.values:
            call = version.build(SetVariable(name=wish.name, value=value))
            assert version.schemas.request_errors(call.action, call.payload) == []
