"""What only OCPP 2.0.1 has: start and stop points, the device model, transaction status."""

from typing import Any

import pytest

from ocpp_bridge.simulator import Behaviour
from tests.unit.simulator import story
from tests.unit.simulator.conftest import MakeStation
from tests.unit.simulator.fake_csms import FakeCsms

Step = tuple[str, str, str | None]


def steps(csms: FakeCsms) -> list[Step]:
    """Return event type, trigger and charging state of all events but readings."""
    return [
        (event["eventType"], event["triggerReason"], event["transactionInfo"].get("chargingState"))
        for event in csms.of("TransactionEvent")
        if event["triggerReason"] != "MeterValuePeriodic"
    ]


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (
            "EVConnected",
            [
                ("Started", "CablePluggedIn", "EVConnected"),
                ("Updated", "Authorized", "EVConnected"),
                ("Updated", "ChargingStateChanged", "Charging"),
                ("Ended", "StopAuthorized", "EVConnected"),
            ],
        ),
        (
            "Authorized",
            [
                ("Started", "Authorized", "EVConnected"),
                ("Updated", "ChargingStateChanged", "Charging"),
                ("Ended", "StopAuthorized", "EVConnected"),
            ],
        ),
        (
            "PowerPathClosed",
            [("Started", "Authorized", "Charging"), ("Ended", "StopAuthorized", "EVConnected")],
        ),
    ],
)
async def test_start_points(csms_v201: FakeCsms, station: MakeStation, point: str, expected: list[Step]) -> None:
    made = await station(csms_v201, behaviour=Behaviour(tx_start_point=point))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms_v201.until(lambda: story.samples(csms_v201))
    await made.stop_locally(1)
    await csms_v201.until(lambda: story.stops(csms_v201))
    assert steps(csms_v201) == expected
    events = csms_v201.of("TransactionEvent")
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    assert sum("idToken" in event for event in events) == 1


async def test_authorisation_before_the_cable(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201, behaviour=Behaviour(tx_start_point="Authorized"))
    await made.present_token(1, "04AABBCC")
    await made.plug_in(1)
    await csms_v201.until(lambda: story.samples(csms_v201))
    assert steps(csms_v201) == [
        ("Started", "Authorized", "Idle"),
        ("Updated", "CablePluggedIn", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
    ]


async def test_cable_never_comes(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201, speed=200, behaviour=Behaviour(tx_start_point="Authorized"))
    await made.present_token(1, "04AABBCC")
    await csms_v201.until(lambda: story.stops(csms_v201), timeout_s=2)
    assert steps(csms_v201)[-1] == ("Ended", "EVConnectTimeout", "Idle")
    assert story.reason(csms_v201) == "Timeout"


async def test_remote_start_names_the_transaction_of_the_cable(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201, behaviour=Behaviour(tx_start_point="EVConnected"))
    await made.plug_in(1)
    payload = {"idToken": {"idToken": "APP", "type": "Central"}, "remoteStartId": 3, "evseId": 1}
    answer = await csms_v201.command("RequestStartTransaction", payload)
    assert answer == {"status": "Accepted", "transactionId": made.transactions[0].id}
    await csms_v201.until(lambda: story.samples(csms_v201))
    update = csms_v201.of("TransactionEvent")[1]
    assert (update["triggerReason"], update["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 3)


async def test_stop_point_at_the_cable_keeps_the_transaction_open(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201, behaviour=Behaviour(tx_stop_point="EVConnected"))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms_v201.until(lambda: story.samples(csms_v201))
    assert await story.remote_stop(csms_v201, made.transactions[0].id) == "Accepted"
    await csms_v201.until(lambda: steps(csms_v201)[-1] == ("Updated", "RemoteStop", "EVConnected"))
    stopped_at = made.meter_wh(1)
    assert story.stops(csms_v201) == []
    assert await story.remote_start(csms_v201) == "Rejected"
    await made.unplug(1)
    await csms_v201.until(lambda: story.stops(csms_v201))
    assert steps(csms_v201)[-1] == ("Ended", "EVCommunicationLost", "Idle")
    assert story.reason(csms_v201) == "Remote"
    assert story.end_of(csms_v201).energy_wh == stopped_at


async def test_device_model(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201)

    def item(component: str, variable: str, **more: Any) -> dict[str, Any]:
        return {"component": {"name": component}, "variable": {"name": variable}} | more

    wanted = [
        item("TxCtrlr", "TxStartPoint"),
        item("TxCtrlr", "Nothing"),
        item("Nobody", "Nothing"),
        item("TxCtrlr", "TxStartPoint", attributeType="Target"),
    ]
    read = (await csms_v201.command("GetVariables", {"getVariableData": wanted}))["getVariableResult"]
    assert [result["attributeStatus"] for result in read] == [
        "Accepted",
        "UnknownVariable",
        "UnknownComponent",
        "NotSupportedAttributeType",
    ]
    assert read[0]["attributeValue"] == "PowerPathClosed"
    changes = [
        item("TxCtrlr", "TxStartPoint", attributeValue="EVConnected,Authorized"),
        item("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="often"),
        item("ReservationCtrlr", "Available", attributeValue="false"),
        item("Nobody", "Nothing", attributeValue="1"),
    ]
    written = (await csms_v201.command("SetVariables", {"setVariableData": changes}))["setVariableResult"]
    assert [result["attributeStatus"] for result in written] == ["Accepted", "Rejected", "Rejected", "UnknownComponent"]
    assert made.dialect.start_points() == {"EVConnected", "Authorized"}


async def test_base_report_comes_in_parts(csms_v201: FakeCsms, station: MakeStation) -> None:
    await station(csms_v201, connectors=2)
    request = {"requestId": 12, "reportBase": "FullInventory"}
    assert await csms_v201.command("GetBaseReport", request) == {"status": "Accepted"}
    await csms_v201.until(lambda: any(not report["tbc"] for report in csms_v201.of("NotifyReport")))
    reports = csms_v201.of("NotifyReport")
    assert [report["seqNo"] for report in reports] == list(range(len(reports)))
    assert {report["requestId"] for report in reports} == {12}
    items = [item for report in reports for item in report["reportData"]]
    limits = [i["variableCharacteristics"]["maxLimit"] for i in items if i["variable"]["name"] == "Power"]
    assert limits == [300_000, 300_000]


async def test_transaction_status(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await made.outbox.drained(2)
    ask = {"transactionId": made.transactions[0].id}
    running = await csms_v201.command("GetTransactionStatus", ask)
    await made.stop_locally(1)
    await csms_v201.until(lambda: story.stops(csms_v201))
    ended = await csms_v201.command("GetTransactionStatus", ask)
    assert (running["ongoingIndicator"], ended["ongoingIndicator"]) == (True, False)


async def test_reset_on_idle_waits(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    assert await csms_v201.command("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
    await csms_v201.until(lambda: story.samples(csms_v201))
    assert len(csms_v201.of("BootNotification")) == 1
    await made.stop_locally(1)
    await csms_v201.until(lambda: len(csms_v201.of("BootNotification")) == 2)
    assert csms_v201.of("BootNotification")[1]["reason"] == "ScheduledReset"
    assert story.reason(csms_v201) == "Local"


async def test_unlock_spares_an_authorised_transaction(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201)
    unlock = {"evseId": 1, "connectorId": 1}
    assert (await csms_v201.command("UnlockConnector", unlock))["status"] == "Unlocked"
    assert (await csms_v201.command("UnlockConnector", unlock | {"evseId": 2}))["status"] == "UnknownConnector"
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    assert (await csms_v201.command("UnlockConnector", unlock))["status"] == "OngoingAuthorizedTransaction"


@pytest.mark.parametrize(
    "message",
    ["BootNotification", "Heartbeat", "MeterValues", "StatusNotification", "TransactionEvent", "LogStatusNotification"],
)
async def test_triggers(csms_v201: FakeCsms, station: MakeStation, message: str) -> None:
    made = await station(csms_v201, behaviour=Behaviour(no_readings=True))
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await made.outbox.drained(2)
    before = len(csms_v201.of(message))
    trigger = {"requestedMessage": message, "evse": {"id": 1}}
    assert await csms_v201.command("TriggerMessage", trigger) == {"status": "Accepted"}
    await csms_v201.until(lambda: len(csms_v201.of(message)) == before + 1)


async def test_remaining_commands_are_answered(csms_v201: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v201)
    entry = {"idToken": {"idToken": "LISTED", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    update = {"versionNumber": 3, "updateType": "Full", "localAuthorizationList": [entry]}
    assert await csms_v201.command("SendLocalList", update) == {"status": "Accepted"}
    assert await csms_v201.command("GetLocalListVersion", {}) == {"versionNumber": 3}
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000}]}
        ],
    }
    accepted = {"status": "Accepted"}
    assert await csms_v201.command("SetChargingProfile", {"evseId": 1, "chargingProfile": profile}) == accepted
    assert await csms_v201.command("ClearChargingProfile", {"chargingProfileId": 1}) == accepted
    assert await csms_v201.command("ClearChargingProfile", {"chargingProfileId": 1}) == {"status": "Unknown"}
    assert await csms_v201.command("ClearCache", {}) == accepted
    assert await csms_v201.command("DataTransfer", {"vendorId": "x"}) == {"status": "UnknownVendorId"}
    log = {"logType": "DiagnosticsLog", "requestId": 4, "log": {"remoteLocation": "ftp://127.0.0.1/"}}
    assert (await csms_v201.command("GetLog", log))["status"] == "Accepted"
    uploads = [{"status": "Uploading", "requestId": 4}, {"status": "Uploaded", "requestId": 4}]
    await csms_v201.until(lambda: csms_v201.of("LogStatusNotification") == uploads)
    await made.drop_connection(2)
    assert await made.present_token(1, "listed") == "Accepted"
