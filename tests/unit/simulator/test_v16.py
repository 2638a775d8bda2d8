"""What only OCPP 1.6 has: configuration keys, unlock, triggers, local list, diagnostics."""

from typing import Any

import pytest

from ocpp_bridge.simulator import Behaviour
from tests.unit.simulator import story
from tests.unit.simulator.conftest import MakeStation
from tests.unit.simulator.fake_csms import FakeCsms


async def test_configuration_is_read_and_changed(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16, connectors=2)
    answer = await csms_v16.command("GetConfiguration", {"key": ["NumberOfConnectors", "NoSuchKey"]})
    assert answer == {
        "configurationKey": [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}],
        "unknownKey": ["NoSuchKey"],
    }
    for key, value, status in [
        ("MeterValueSampleInterval", "7", "Accepted"),
        ("MeterValueSampleInterval", "often", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("NoSuchKey", "1", "NotSupported"),
    ]:
        assert await csms_v16.command("ChangeConfiguration", {"key": key, "value": value}) == {"status": status}
    assert made.sample_interval_s == 7
    everything = await csms_v16.command("GetConfiguration", {})
    values = {item["key"]: item["value"] for item in everything["configurationKey"]}
    assert (values["MeterValueSampleInterval"], values["NumberOfConnectors"]) == ("7", "2")
    assert len(values) > 15


async def test_sample_interval_can_be_protected(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16, behaviour=Behaviour(sample_interval_read_only=True))
    change = {"key": "MeterValueSampleInterval", "value": "60"}
    assert await csms_v16.command("ChangeConfiguration", change) == {"status": "Rejected"}
    assert made.sample_interval_s == 0.05


async def test_measurands_follow_the_configuration(csms_v16: FakeCsms, station: MakeStation) -> None:
    measurands = {"MeterValuesSampledData": "Energy.Active.Import.Register", "StopTxnSampledData": ""}
    made = await station(csms_v16, variables=measurands)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await csms_v16.until(lambda: len(story.samples(csms_v16)) == 2)
    await made.stop_locally(1)
    await csms_v16.until(lambda: story.stops(csms_v16))
    assert all(sample.values.keys() == {story.REGISTER} for sample in story.samples(csms_v16))
    assert "transactionData" not in story.stops(csms_v16)[0]


async def test_stop_carries_begin_and_end_readings(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    await made.stop_locally(1, "EmergencyStop")
    await csms_v16.until(lambda: story.stops(csms_v16))
    stop = story.stops(csms_v16)[0]
    contexts = [value["sampledValue"][0]["context"] for value in stop["transactionData"]]
    assert contexts == ["Transaction.Begin", "Transaction.End"]
    energies = [story.sample(value).energy_wh for value in stop["transactionData"]]
    assert energies == [story.starts(csms_v16)[0]["meterStart"], stop["meterStop"]]
    assert stop["reason"] == "EmergencyStop"
    assert "idTag" not in stop


async def test_unlock_stops_the_charge(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16)
    await made.plug_in(1)
    await made.present_token(1, "04AABBCC")
    assert await csms_v16.command("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
    assert await csms_v16.command("UnlockConnector", {"connectorId": 4}) == {"status": "NotSupported"}
    await csms_v16.until(lambda: story.stops(csms_v16))
    assert story.reason(csms_v16) == "UnlockCommand"


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("BootNotification", "Accepted"),
        ("Heartbeat", "Accepted"),
        ("MeterValues", "Accepted"),
        ("StatusNotification", "Accepted"),
        ("DiagnosticsStatusNotification", "Accepted"),
        ("FirmwareStatusNotification", "Accepted"),
    ],
)
async def test_triggers(csms_v16: FakeCsms, station: MakeStation, message: str, status: str) -> None:
    await station(csms_v16, connectors=2)
    before = len(csms_v16.of(message))
    trigger = {"requestedMessage": message, "connectorId": 2}
    assert await csms_v16.command("TriggerMessage", trigger) == {"status": status}
    await csms_v16.until(lambda: len(csms_v16.of(message)) == before + 1)
    assert csms_v16.of(message)[-1].get("connectorId", 2) == 2
    assert await csms_v16.command("TriggerMessage", trigger | {"connectorId": 8}) == {"status": "Rejected"}


async def test_local_list_decides_offline(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16)
    entries: list[dict[str, Any]] = [{"idTag": "LISTED", "idTagInfo": {"status": "Accepted"}}]
    update = {"listVersion": 3, "updateType": "Full", "localAuthorizationList": entries}
    assert await csms_v16.command("SendLocalList", update) == {"status": "Accepted"}
    assert await csms_v16.command("GetLocalListVersion", {}) == {"listVersion": 3}
    stale = {"listVersion": 3, "updateType": "Differential"}
    assert await csms_v16.command("SendLocalList", stale) == {"status": "VersionMismatch"}
    await made.drop_connection(2)
    assert await made.present_token(1, "listed") == "Accepted"


async def test_remaining_commands_are_answered(csms_v16: FakeCsms, station: MakeStation) -> None:
    made = await station(csms_v16)
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000.0}],
        },
    }
    set_profile = {"connectorId": 1, "csChargingProfiles": profile}
    assert await csms_v16.command("ClearChargingProfile", {}) == {"status": "Unknown"}
    assert await csms_v16.command("SetChargingProfile", set_profile) == {"status": "Accepted"}
    assert len(made.charging_profiles) == 1
    assert await csms_v16.command("ClearChargingProfile", {}) == {"status": "Accepted"}
    assert await csms_v16.command("ClearCache", {}) == {"status": "Accepted"}
    assert await csms_v16.command("DataTransfer", {"vendorId": "x"}) == {"status": "UnknownVendorId"}
    answer = await csms_v16.command("GetDiagnostics", {"location": "ftp://127.0.0.1/"})
    assert answer == {"fileName": "CP-1.log"}
    notices = [{"status": "Uploading"}, {"status": "Uploaded"}]
    await csms_v16.until(lambda: csms_v16.of("DiagnosticsStatusNotification") == notices)
