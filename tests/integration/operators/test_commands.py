"""Commands to chargers: stored before they are sent, with the charger's answer after, audited with the request."""

import pytest
from sqlalchemy import select, update

from app.db.tables import Event
from app.domain.charging.commands import (
    ChangeAvailability,
    ClearCache,
    GetVariables,
    Reset,
    ResetKind,
    SetVariable,
    TriggerKind,
    TriggerMessage,
    UnlockConnector,
    VariableName,
)
from app.domain.charging.states import SessionState, StopReason
from app.domain.charging.tables import ChargerCommand, ChargingSession, CommandState
from app.domain.stations.charger_credentials import hash_charger_password, verify_charger_password
from app.domain.stations.states import OcppVersion
from app.domain.stations.tables import Charger, Evse
from bff.ids import global_id
from tests.fakes.gateway import ACCEPTED, FAILED, OFFLINE, REJECTED, TIMED_OUT, DiedError
from tests.integration.operators.office import Office, code_of

OLD = "OLDPASSWORD12345"


@pytest.mark.parametrize(
    ("document", "given", "command", "operation"),
    [
        ("OperatorResetCharger", {"kind": "HARD"}, Reset(kind=ResetKind.HARD), "resetCharger"),
        ("OperatorClearCache", {}, ClearCache(), "clearCache"),
        ("OperatorTriggerMessage", {"kind": "STATUS"}, TriggerMessage(kind=TriggerKind.STATUS), "triggerMessage"),
        ("OperatorGetVariables", {}, GetVariables(), "getVariables"),
        (
            "OperatorSetVariable",
            {"name": {"variable": "HeartbeatInterval"}, "value": "300"},
            SetVariable(name=VariableName(variable="HeartbeatInterval"), value="300"),
            "setVariable",
        ),
    ],
)
async def test_a_command_is_sent_and_its_answer_kept(
    office: Office, document: str, given: dict[str, object], command: object, operation: str
) -> None:
    payload = await office.do(document, chargerId=office.charger_id, **given)
    (sent,) = office.world.gateway.sent
    assert (sent.command, sent.charger_id, sent.tenant_id) == (
        command,
        office.world.net.charger_id,
        office.world.tenant.id,
    )
    row = await office.one(select(ChargerCommand))
    assert (row.action, row.state, row.answer) == (
        type(command).__name__,
        CommandState.ACCEPTED,
        {"status": "Accepted"},
    )
    assert (row.requested_by, row.sent_at) == ("operator:owner@example.com", office.world.clock.now())
    assert payload["command"]["state"] == "ACCEPTED"
    assert payload["command"]["answer"] == {"status": "Accepted"}
    entry = await office.audited(operation)
    assert (entry.subject, entry.input["command_id"]) == (str(office.world.net.charger_id), str(row.id))


@pytest.mark.parametrize("outcome", [REJECTED, TIMED_OUT, OFFLINE, FAILED])
async def test_a_charger_that_does_not_obey_is_told_by_the_command(office: Office, outcome: object) -> None:
    office.world.gateway.will(outcome)  # type: ignore[arg-type]
    payload = await office.do("OperatorResetCharger", chargerId=office.charger_id)
    row = await office.one(select(ChargerCommand))
    assert row.state is outcome.state  # type: ignore[attr-defined]
    assert payload["command"]["state"] == row.state.value
    assert payload["command"]["detail"] == row.detail
    assert await office.audits("resetCharger") == 1


async def test_a_command_is_stored_before_it_is_sent(office: Office) -> None:
    office.world.gateway.will(DiedError("killed while it waited"))
    assert code_of(await office.send("OperatorResetCharger", chargerId=office.charger_id)) == "INTERNAL"
    row = await office.one(select(ChargerCommand))
    assert (row.state, row.answered_at) == (CommandState.SENT, None)
    assert await office.audits("resetCharger") == 1


async def test_a_connector_is_unlocked_by_its_chargers_numbers(office: Office) -> None:
    connector = global_id("AdminConnector", office.world.net.connectors[1])
    await office.do("OperatorUnlockConnector", connectorId=connector)
    assert office.world.gateway.commands(UnlockConnector) == [UnlockConnector(evse_no=2, connector_no=1)]
    trigger = {"chargerId": office.charger_id, "evseId": office.evse_id, "kind": "METER_VALUES"}
    await office.do("OperatorTriggerMessage", **trigger)
    assert office.world.gateway.commands(TriggerMessage) == [TriggerMessage(kind=TriggerKind.METER_VALUES, evse_no=1)]
    assert await office.audits("unlockConnector") == 1


@pytest.mark.parametrize("outcome", [ACCEPTED, OFFLINE])
async def test_what_is_out_of_use_is_out_of_use_at_once(office: Office, outcome: object) -> None:
    office.world.gateway.will(outcome)  # type: ignore[arg-type]
    await office.do("OperatorChangeAvailability", evseId=office.evse_id, operative=False)
    evse = await office.one(select(Evse).where(Evse.id == office.world.net.evse))
    assert evse.operative is False
    _, driver_token = await office.api.sign_up()
    assert (await office.api.start(driver_token))["userErrors"][0]["code"] == "EVSE_UNAVAILABLE"
    events = await office.all(select(Event).where(Event.aggregate_id == evse.id, Event.type == "evse.availability"))
    assert [event.payload for event in events] == [{"operative": False}]
    await office.do("OperatorChangeAvailability", evseId=office.evse_id, operative=True)
    assert (await office.one(select(Evse).where(Evse.id == evse.id))).operative is True
    assert office.world.gateway.commands(ChangeAvailability) == [
        ChangeAvailability(evse_no=1, operative=False),
        ChangeAvailability(evse_no=1, operative=True),
    ]


async def test_a_whole_charger_is_taken_out_of_use(office: Office) -> None:
    await office.do("OperatorChangeAvailability", chargerId=office.charger_id, operative=False)
    charger = await office.one(select(Charger).where(Charger.id == office.world.net.charger_id))
    assert charger.operative is False
    assert office.world.gateway.commands(ChangeAvailability) == [ChangeAvailability(evse_no=None, operative=False)]
    shown = await office.run("OperatorCharger", id=office.charger_id)
    assert [evse["status"] for evse in shown["evses"]] == ["UNAVAILABLE", "UNAVAILABLE"]
    assert shown["lastCommands"][0]["action"] == "ChangeAvailability"
    both = {"chargerId": office.charger_id, "evseId": office.evse_id, "operative": True}
    assert await office.refused("OperatorChangeAvailability", **both) == "INVALID_INPUT"


async def test_a_chargers_commands_are_listed_newest_first(office: Office) -> None:
    office.world.gateway.will(ACCEPTED, REJECTED)
    await office.do("OperatorResetCharger", chargerId=office.charger_id)
    await office.do("OperatorClearCache", chargerId=office.charger_id)
    page = await office.run("OperatorChargerCommands", chargerId=office.charger_id, first=1)
    (edge,) = page["edges"]
    assert (edge["node"]["action"], edge["node"]["state"]) == ("ClearCache", "REJECTED")
    rest = await office.run(
        "OperatorChargerCommands", chargerId=office.charger_id, first=1, after=page["pageInfo"]["endCursor"]
    )
    assert [(e["node"]["action"], e["node"]["state"]) for e in rest["edges"]] == [("Reset", "ACCEPTED")]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_what_cannot_be_sent_is_refused_without_a_trace(office: Office) -> None:
    async with office.world.app.unit_of_work(office.world.tenant.id) as uow:
        lonely = Evse(location_id=office.world.net.location_id, source_uid="lonely")
        uow.session.add(lonely)
        await uow.session.flush()
    before = await office.fingerprint()
    nothing = global_id("Charger", office.world.net.evse)
    assert await office.refused("OperatorResetCharger", chargerId=nothing) == "NOT_FOUND"
    node = global_id("AdminEvse", lonely.id)
    assert await office.refused("OperatorChangeAvailability", evseId=node, operative=False) == "NOT_FOUND"
    for variable in ("AuthorizationKey", "basicauthpassword"):
        given = {"chargerId": office.charger_id, "name": {"variable": variable}, "value": "x"}
        assert await office.refused("OperatorSetVariable", **given) == "INVALID_INPUT"
    assert office.world.gateway.sent == []
    assert await office.fingerprint() == before


async def _with_password(office: Office, version: OcppVersion = OcppVersion.V16) -> None:
    async with office.world.app.unit_of_work(office.world.tenant.id) as uow:
        values = {"password_hash": hash_charger_password(OLD), "ocpp_version": version}
        await uow.session.execute(update(Charger).where(Charger.id == office.world.net.charger_id).values(**values))


async def _accepts(office: Office, password: str) -> bool:
    charger = await office.one(select(Charger).where(Charger.id == office.world.net.charger_id))
    return verify_charger_password(password.encode(), charger.password_hash or "")


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (OcppVersion.V16, VariableName(variable="AuthorizationKey")),
        (OcppVersion.V201, VariableName(component="SecurityCtrlr", variable="BasicAuthPassword")),
    ],
)
async def test_a_charger_takes_a_new_password(office: Office, version: OcppVersion, name: VariableName) -> None:
    await _with_password(office, version)
    payload = await office.do("OperatorRotateChargerPassword", chargerId=office.charger_id)
    (command,) = office.world.gateway.commands(SetVariable)
    assert command == SetVariable(name=name, value=payload["password"])
    assert (await _accepts(office, payload["password"]), await _accepts(office, OLD)) == (True, False)
    row = await office.one(select(ChargerCommand))
    entry = await office.audited("rotateChargerPassword")
    assert payload["password"] not in str([row.payload, row.answer, entry.input, payload["command"]])


@pytest.mark.parametrize("outcome", [REJECTED, OFFLINE])
async def test_a_charger_that_refuses_keeps_its_password(office: Office, outcome: object) -> None:
    await _with_password(office)
    office.world.gateway.will(outcome)  # type: ignore[arg-type]
    payload = await office.do("OperatorRotateChargerPassword", chargerId=office.charger_id)
    (command,) = office.world.gateway.commands(SetVariable)
    assert payload["password"] is None
    assert (await _accepts(office, OLD), await _accepts(office, command.value)) == (True, False)


async def test_while_a_charger_may_use_either_password_both_open_the_door(office: Office) -> None:
    await _with_password(office)
    office.world.gateway.will(TIMED_OUT, DiedError("killed while it waited"))
    first = (await office.do("OperatorRotateChargerPassword", chargerId=office.charger_id))["password"]
    assert (await _accepts(office, OLD), await _accepts(office, first)) == (True, True)
    assert code_of(await office.send("OperatorRotateChargerPassword", chargerId=office.charger_id)) == "INTERNAL"
    second = office.world.gateway.commands(SetVariable)[1].value
    assert [await _accepts(office, password) for password in (OLD, first, second)] == [True, True, True]
    third = (await office.do("OperatorRotateChargerPassword", chargerId=office.charger_id))["password"]
    assert [await _accepts(office, password) for password in (OLD, first, second, third)] == [False, False, False, True]


async def test_a_password_is_replaced_by_force(office: Office) -> None:
    await _with_password(office)
    async with office.world.app.unit_of_work(office.world.tenant.id) as uow:
        await uow.session.execute(update(Charger).values(connected=False))
    refusal = await office.refused("OperatorRotateChargerPassword", chargerId=office.charger_id)
    assert refusal == "CHARGER_OFFLINE"
    assert await _accepts(office, OLD)
    payload = await office.do("OperatorRotateChargerPassword", chargerId=office.charger_id, force=True)
    assert (payload["command"], await _accepts(office, OLD)) == (None, False)
    assert await _accepts(office, payload["password"])
    assert office.world.gateway.sent == []
    assert (await office.audited("rotateChargerPassword")).input == {"force": True}


async def test_a_session_is_stopped_for_the_operators_reason(office: Office) -> None:
    session_id = await office.session(SessionState.ACTIVE, ocpp_transaction_id="17")
    given = {"sessionId": global_id("Session", session_id), "idempotencyKey": "stop-key-1"}
    for _ in range(2):
        payload = await office.do("OperatorStopSession", **given)
        assert payload["session"]["stopRequestedAt"] is not None
    row = await office.one(select(ChargingSession))
    assert row.stop_requested_reason is StopReason.OPERATOR
    entry = await office.audited("stopSession")
    assert (entry.subject, entry.input) == (str(session_id), {"state": "ACTIVE", "reason": "OPERATOR"})
    other = await office.session(SessionState.FAILED, evse_id=office.world.net.evses[1])
    given = {"sessionId": global_id("AdminSession", other), "idempotencyKey": "stop-key-1"}
    assert await office.refused("OperatorStopSession", **given) == "IDEMPOTENCY_CONFLICT"
    given["idempotencyKey"] = "stop-key-2"
    assert await office.refused("OperatorStopSession", **given) == "SESSION_NOT_STOPPABLE"
    assert await office.audits("stopSession") == 1
