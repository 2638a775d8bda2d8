"""OCPP 1.6J over a real socket: what is answered, and above all what is stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.domain.charging.states import SessionState, StopReason
from app.domain.charging.tables import (
    ChargingSession,
    Incident,
    IncidentKind,
    MeterReading,
    QuarantinedMessage,
)
from app.domain.stations.states import EvseStatus, OcppVersion
from app.domain.stations.tables import Evse
from ocpp_bridge.tables import AnsweredCall, RawFrame
from tests.integration.ocpp_bridge.conftest import TOKEN, Served, Site, until

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)


def at(minutes: int) -> str:
    """Return a time after the start."""
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def start_payload(**changes: Any) -> dict[str, Any]:
    """Return a StartTransaction."""
    return {"connectorId": 1, "idTag": TOKEN, "meterStart": 1000, "timestamp": at(0)} | changes


def meter_values(transaction_id: int, minutes: int, register_wh: int) -> dict[str, Any]:
    """Return MeterValues with register, power and state of charge."""
    return {
        "connectorId": 1,
        "transactionId": transaction_id,
        "meterValue": [
            {
                "timestamp": at(minutes),
                "sampledValue": [
                    {"value": str(register_wh)},
                    {"value": "11.5", "measurand": "Power.Active.Import", "unit": "kW"},
                    {"value": "42", "measurand": "SoC", "unit": "Percent"},
                ],
            }
        ],
    }


async def test_boot_status_and_heartbeat_are_stored(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        boot = await station.call("BootNotification", {"chargePointVendor": "ACME", "chargePointModel": "DC50"})
        assert boot["status"] == "Accepted"
        assert boot["interval"] == 300
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": at(0)}
        assert await station.call("StatusNotification", status) == {}
        assert "currentTime" in await station.call("Heartbeat", {})
        charger = await site.charger("CP16")
        assert (charger.vendor, charger.model, charger.connected) == ("ACME", "DC50", True)
        assert (charger.ocpp_version, charger.generation, charger.node) == (OcppVersion.V16, 1, served.bridge.node)
        assert charger.booted_at is not None
        [evse] = await site.rows(Evse, Evse.charger_id == charger.id, Evse.ocpp_evse_no == 1)
        assert (evse.status, evse.ocpp_status) == (EvseStatus.AVAILABLE, "Available")
        assert charger.clock_skew_seconds is not None
        assert abs(charger.clock_skew_seconds - (START - datetime.now(UTC)).total_seconds()) < 30

    async def gone() -> bool:
        return not (await site.charger("CP16")).connected

    await until(gone)
    [evse] = await site.rows(Evse, Evse.charger_id == charger.id, Evse.ocpp_evse_no == 1)
    assert evse.status is EvseStatus.UNKNOWN


async def test_a_charge_by_card_is_stored_to_the_watt_hour(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        decision = await station.call("Authorize", {"idTag": TOKEN.lower()})
        assert decision == {"idTagInfo": {"status": "Accepted"}}
        started = await station.call("StartTransaction", start_payload())
        assert started["idTagInfo"] == {"status": "Accepted"}
        transaction = started["transactionId"]
        assert transaction > 0
        for minutes, register in ((5, 1950), (10, 2900)):
            assert await station.call("MeterValues", meter_values(transaction, minutes, register)) == {}
        [session] = await site.rows(ChargingSession)
        assert (session.state, session.energy_wh, session.power_w, session.soc_percent) == (
            SessionState.ACTIVE,
            1900,
            11500,
            42,
        )
        stop = {
            "transactionId": transaction,
            "meterStop": 3333,
            "timestamp": at(12),
            "reason": "EVDisconnected",
            "idTag": TOKEN,
        }
        assert await station.call("StopTransaction", stop) == {"idTagInfo": {"status": "Accepted"}}
    [session] = await site.rows(ChargingSession)
    assert session.ocpp_transaction_id == str(transaction)
    assert session.meter_stop_wh == 3333
    assert session.energy_wh == 2333
    assert session.stop_reason is StopReason.EV_DISCONNECTED
    assert session.energy_ended_at == START + timedelta(minutes=12)
    readings = await site.rows(MeterReading)
    assert [r.register_wh for r in readings] == [1950, 2900]
    assert {r.session_id for r in readings} == {session.id}


async def test_what_comes_again_gets_the_first_answer_and_no_second_effect(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        first = await station.call("StartTransaction", start_payload(), "id-1")
        again = await station.call("StartTransaction", start_payload(), "id-2")
        assert again == first
        values = meter_values(first["transactionId"], 5, 2000)
        for message_id in ("a", "a", "b"):
            assert await station.call("MeterValues", values, message_id) == {}
        stop = {"transactionId": first["transactionId"], "meterStop": 2100, "timestamp": at(6)}
        for message_id in ("s1", "s2"):
            assert await station.call("StopTransaction", stop, message_id) == {}
    assert len(await site.rows(ChargingSession)) == 1
    assert len(await site.rows(MeterReading)) == 1
    assert len(await site.rows(QuarantinedMessage)) == 0
    answered = await site.rows(AnsweredCall)
    assert [row.action for row in answered] == ["StartTransaction", "MeterValues", "StopTransaction"]
    assert answered[0].answer == first


async def test_an_unknown_stop_is_acknowledged_and_quarantined(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        stop = {"transactionId": 4711, "meterStop": 5000, "timestamp": at(1), "reason": "Local"}
        assert await station.call("StopTransaction", stop) == {}
    [kept] = await site.rows(QuarantinedMessage)
    assert (kept.action, kept.payload["transactionId"]) == ("TransactionEnd", "4711")
    [incident] = await site.rows(Incident)
    assert incident.kind is IncidentKind.UNKNOWN_STOP
    assert await site.rows(ChargingSession) == []


async def test_a_refused_start_gets_a_real_id(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        answer = await station.call("StartTransaction", start_payload(idTag="NOBODY"))
    assert answer["idTagInfo"] == {"status": "Invalid"}
    assert answer["transactionId"] > 0


async def test_readings_without_a_usable_id_are_bound_by_connector(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        await station.call("StartTransaction", start_payload())
        for number, transaction_id in enumerate((0, -1, 2**63 - 1)):
            values = meter_values(transaction_id, 5 + number, 2000 + number)
            assert await station.call("MeterValues", values) == {}
        whole = [2, "x", "MeterValues", meter_values(0, 9, 2100)]
        await station.send(json.dumps(whole).replace('"transactionId": 0,', '"transactionId":,'))
        assert await station.receive() == [3, "x", {}]
    [session] = await site.rows(ChargingSession)
    readings = await site.rows(MeterReading)
    assert [(r.session_id, r.register_wh) for r in readings] == [
        (session.id, register) for register in (2000, 2001, 2002, 2100)
    ]
    charger = await site.charger("CP16")
    assert charger.violations == 2
    assert charger.last_violation == "MeterValues: invalid JSON put right"


async def test_known_quirks_are_taken_and_recorded(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        answer = await station.call(
            "StartTransaction", start_payload(idTag=TOKEN, meterStart="12.0", extra={"a": 1}, reservationId=None)
        )
        assert answer["idTagInfo"]["status"] == "Accepted"
        values = {
            "connectorId": 1,
            "transactionId": str(answer["transactionId"]),
            "meterValue": {
                "timestamp": at(2).replace("Z", "+00"),
                "sampledValue": [
                    {"value": 1.5, "unit": "KWH"},
                    {"value": "50.0", "measurand": "Frequency", "unit": "Hz"},
                ],
            },
        }
        assert await station.call("MeterValues", values) == {}
        assert await station.call("StatusNotification", {"connectorId": "1", "status": "Charging"}) == {}
    [session] = await site.rows(ChargingSession)
    assert (session.meter_start_wh, session.energy_wh) == (12, 1488)
    [reading] = await site.rows(MeterReading)
    assert reading.taken_at == START + timedelta(minutes=2)
    charger = await site.charger("CP16")
    assert charger.violations >= 6
    assert charger.last_violation is not None
    assert charger.last_violation.startswith("StatusNotification")


async def test_what_is_unusable_is_refused_in_the_words_of_1_6(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        calls = [
            (
                "StatusNotification",
                {"connectorId": 1, "errorCode": "NoError", "status": "Melting"},
                "PropertyConstraintViolation",
            ),
            ("StatusNotification", {"errorCode": "NoError", "status": "Available"}, "OccurenceConstraintViolation"),
            ("StatusNotification", {"connectorId": {}, "status": "Available"}, "TypeConstraintViolation"),
            ("StatusNotification", [1], "FormationViolation"),
            ("TransactionEvent", {}, "NotImplemented"),
            ("RemoteStartTransaction", {"idTag": "X"}, "NotSupported"),
        ]
        for action, payload, code in calls:
            assert await station.call(action, payload) == code
        assert "currentTime" in await station.call("Heartbeat", {})


async def test_no_frame_ends_the_connection(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        for frame in (
            "",
            "[",
            "\ufeff{}",
            "null",
            "[2]",
            "[" * 5000,
            '[2,"a",["x"],{}]',
            "[9,1]",
            '[3,"nobody",{}]',
            '[4,"nobody","X","",{}]',
            '[2,{"a":1},"Heartbeat",{}]',
            '[2,"\\u0000","X",{"a":"\\u0000"}]',
        ):
            await station.send(frame)
        await station.socket.send(b"\xff\xfe")
        await station.send([2, "last", "Heartbeat", {}])
        answers: list[Any] = []
        while not answers or answers[-1][1] != "last":
            answers.append(await station.receive())
    assert [answer[:3] for answer in answers[:-1]] == [
        [4, "a", "FormationViolation"],
        [4, 1, "ProtocolError"],
        [4, "\x00", "NotImplemented"],
    ]
    charger = await site.charger("CP16")
    assert charger.violations >= 8


async def test_a_frame_above_one_mebibyte_closes_with_1009(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        await station.send('[2,"a","DataTransfer",{"vendorId":"' + "x" * 2**20 + '"}]')
        await station.socket.wait_closed()
        assert station.socket.close_code == 1009


async def test_frames_are_logged_without_secrets(served: Served, site: Site) -> None:
    async with served.station("CP16") as station:
        await station.call("DataTransfer", {"vendorId": "V", "data": "https://user:secret@example.org/x"})

    async def logged() -> Any:
        return len(await site.rows(RawFrame)) == 2 and await site.rows(RawFrame)

    inward, outward = await until(logged)
    assert inward.incoming
    assert not outward.incoming
    assert "secret" not in inward.frame
    assert "[redacted]@example.org" in inward.frame
    async with site.database.read(site.tenant_id) as session:
        payload = await session.scalar(text("select payload from events where type = 'charger.data_transfer'"))
    assert payload["vendorId"] == "V"
