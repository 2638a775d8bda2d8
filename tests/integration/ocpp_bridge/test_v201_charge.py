"""OCPP 2.0.1 over a real socket: what is answered, and above all what is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.domain.charging.states import ChargingState, SessionState, StopReason
from app.domain.charging.tables import ChargingSession, MeterReading, QuarantinedMessage
from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.tables import Evse
from ocpp_bridge.tables import AnsweredCall, ChargerVariable
from tests.integration.ocpp_bridge.conftest import TOKEN, Served, Site

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
CARD = {"idToken": TOKEN, "type": "ISO14443"}


def at(minutes: int) -> str:
    """Return a time after the start."""
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def event(kind: str, seq_no: int, minutes: int, register_kwh: Any = None, **changes: Any) -> dict[str, Any]:
    """Return a TransactionEvent."""
    info = {"transactionId": "TX-1"} | changes.pop("info", {})
    payload = {
        "eventType": kind,
        "timestamp": at(minutes),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": info,
    }
    if register_kwh is not None:
        sample = {"value": register_kwh, "unitOfMeasure": {"unit": "kWh"}, "measurand": "Energy.Active.Import.Register"}
        context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
        payload["meterValue"] = [{"timestamp": at(minutes), "sampledValue": [sample | {"context": context}]}]
    return payload | changes


async def test_a_charge_by_card_is_stored_to_the_watt_hour(served: Served, site: Site) -> None:
    async with served.station("CP201") as station:
        boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "ACME", "model": "HPC", "serialNumber": "S1"}}
        assert (await station.call("BootNotification", boot))["status"] == "Accepted"
        status = {"timestamp": at(0), "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
        assert await station.call("StatusNotification", status) == {}
        [evse] = await site.rows(Evse, Evse.charger_id == site.chargers["CP201"], Evse.ocpp_evse_no == 1)
        assert (evse.status, evse.ocpp_status) == (EvseStatus.OCCUPIED, "Occupied")
        assert await station.call("Authorize", {"idToken": CARD}) == {"idTokenInfo": {"status": "Accepted"}}
        started = event("Started", 0, 0, 10.5, evse={"id": 1, "connectorId": 1}, idToken=CARD)
        assert await station.call("TransactionEvent", started) == {"idTokenInfo": {"status": "Accepted"}}
        charging = event("Updated", 1, 5, 11.2345, info={"chargingState": "Charging"})
        assert await station.call("TransactionEvent", charging) == {}
        [session] = await site.rows(ChargingSession)
        assert (session.state, session.charging_state) == (SessionState.ACTIVE, ChargingState.CHARGING)
        assert (session.meter_start_wh, session.energy_wh) == (10_500, 735)
        ended = event("Ended", 2, 9, 12.0, info={"stoppedReason": "EVDisconnected", "chargingState": "Idle"})
        assert await station.call("TransactionEvent", ended) == {}
    charger = await site.charger("CP201")
    assert (charger.vendor, charger.model, charger.serial_number) == ("ACME", "HPC", "S1")
    [session] = await site.rows(ChargingSession)
    assert (session.ocpp_transaction_id, session.energy_wh, session.meter_stop_wh) == ("TX-1", 1500, 12_000)
    assert session.stop_reason is StopReason.EV_DISCONNECTED
    assert [r.register_wh for r in await site.rows(MeterReading)] == [10_500, 11_235, 12_000]
    assert [row.action for row in await site.rows(AnsweredCall)] == ["TransactionEvent"] * 3


async def test_cable_first_begins_with_the_first_event_that_names_a_card(served: Served, site: Site) -> None:
    async with served.station("CP201") as station:
        first = event("Started", 0, 0, 5, evse={"id": 2, "connectorId": 1}, triggerReason="CablePluggedIn")
        assert await station.call("TransactionEvent", first) == {}
        assert await site.rows(ChargingSession) == []
        card = event("Updated", 1, 2, 5, idToken=CARD, triggerReason="Authorized")
        assert await station.call("TransactionEvent", card) == {"idTokenInfo": {"status": "Accepted"}}
        assert await station.call("TransactionEvent", event("Updated", 2, 8, 6)) == {}
    [session] = await site.rows(ChargingSession)
    evses = await site.rows(Evse, Evse.id == session.evse_id)
    assert (evses[0].ocpp_evse_no, session.energy_wh, session.state) == (2, 1000, SessionState.ACTIVE)
    assert session.started_at == START + timedelta(minutes=2)


async def test_events_that_come_again_or_late_change_nothing(served: Served, site: Site) -> None:
    started = event("Started", 0, 0, 1, evse={"id": 1}, idToken=CARD)
    ended = event("Ended", 2, 9, 3, info={"stoppedReason": "Local"})
    async with served.station("CP201") as station:
        for payload in (started, started, ended, event("Updated", 1, 4, 2), ended):
            await station.call("TransactionEvent", payload)
    [session] = await site.rows(ChargingSession)
    assert (session.energy_wh, session.meter_stop_wh, session.stop_reason) == (2000, 3000, StopReason.LOCAL)
    assert session.state is not SessionState.ACTIVE
    assert len(await site.rows(AnsweredCall)) == 3
    assert await site.rows(QuarantinedMessage) == []


async def test_reported_variables_become_rows_without_secrets(served: Served, site: Site) -> None:
    def item(component: str, name: str, value: str, **attribute: Any) -> dict[str, Any]:
        return {
            "component": {"name": component, "evse": {"id": 1}},
            "variable": {"name": name},
            "variableAttribute": [{"value": value, "mutability": "ReadOnly"} | attribute],
        }

    report: dict[str, Any] = {
        "requestId": 1,
        "generatedAt": at(0),
        "seqNo": 0,
        "reportData": [item("EVSE", "Power", "50000")],
    }
    report["reportData"].append(item("SecurityCtrlr", "BasicAuthPassword", "hidden", mutability="WriteOnly"))
    async with served.station("CP201") as station:
        assert await station.call("NotifyReport", report) == {}
    power, password = await site.rows(ChargerVariable)
    assert (power.component, power.variable, power.attribute, power.value, power.readonly) == (
        "EVSE@1",
        "Power",
        "Actual",
        "50000",
        True,
    )
    assert (password.variable, password.value) == ("BasicAuthPassword", None)


async def test_what_only_informs_is_kept_as_an_event(served: Served, site: Site) -> None:
    async with served.station("CP201") as station:
        event_payload = {"type": "TamperDetectionActivated", "timestamp": at(0)}
        assert await station.call("SecurityEventNotification", event_payload) == {}
        update = {"reservationId": 7, "reservationUpdateStatus": "Expired"}
        assert await station.call("ReservationStatusUpdate", update) == {}
        assert await station.call("SignCertificate", {"csr": "x"}) == {"status": "Rejected"}
    async with site.database.read(site.tenant_id) as session:
        rows = await session.execute(
            text("select type, payload from events where aggregate_type = 'chargers' and type <> all(:other)"),
            {"other": ["charger.connected", "charger.disconnected"]},
        )
        kept = {row.type: row.payload for row in rows}
    assert kept["charger.security_event"] == event_payload
    assert kept["charger.reservation_status"] == update
    assert kept["charger.certificate_requested"] == {"csr": "x"}


async def test_what_is_unusable_is_refused_in_the_words_of_2(served: Served, site: Site) -> None:
    async with served.station("CP201") as station:
        status = {"timestamp": at(0), "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
        calls = [
            ("StatusNotification", status | {"connectorStatus": "Melting"}, "PropertyConstraintViolation"),
            ("StatusNotification", {"connectorStatus": "Available"}, "OccurrenceConstraintViolation"),
            ("StatusNotification", [1], "FormatViolation"),
            ("StartTransaction", {}, "NotImplemented"),
            ("GetVariables", {"getVariableData": []}, "NotSupported"),
        ]
        for action, payload, code in calls:
            assert await station.call(action, payload) == code
        await station.send("not json")
        assert (await station.receive())[:3] == [4, "-1", "RpcFrameworkError"]
        await station.send([7, "x", "Heartbeat", {}])
        assert (await station.receive())[:3] == [4, "x", "MessageTypeNotSupported"]


async def test_an_unusable_end_is_acknowledged_and_an_unusable_start_refused(served: Served, site: Site) -> None:
    async with served.station("CP201") as station:
        ended, started = event("Ended", 1, 1), event("Started", 0, 0)
        del ended["transactionInfo"], started["transactionInfo"]
        assert await station.call("TransactionEvent", ended) == {}
        assert await station.call("TransactionEvent", started) == "OccurrenceConstraintViolation"
    kept = await site.rows(QuarantinedMessage)
    assert [row.payload["eventType"] for row in kept] == ["Ended", "Started"]


async def test_a_charger_that_is_not_accepted_gets_no_effect_but_loses_no_reading(served: Served, site: Site) -> None:
    await site.change("CP201", registration=RegistrationStatus.PENDING)
    async with served.station("CP201") as station:
        boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "ACME", "model": "HPC"}}
        answer = await station.call("BootNotification", boot)
        assert (answer["status"], answer["interval"]) == ("Pending", 60)
        assert await station.call("Authorize", {"idToken": CARD}) == {"idTokenInfo": {"status": "Invalid"}}
        status = {"timestamp": at(0), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
        assert await station.call("StatusNotification", status) == "SecurityError"
        assert await station.call("TransactionEvent", event("Updated", 1, 1, 2)) == {}
        await site.change("CP201", registration=RegistrationStatus.ACCEPTED)
        assert (await station.call("BootNotification", boot))["status"] == "Accepted"
        assert await station.call("StatusNotification", status) == {}
    [kept] = await site.rows(QuarantinedMessage)
    assert kept.reason == "the charger is not accepted into the network"
    assert await site.rows(ChargingSession) == []
