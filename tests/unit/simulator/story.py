"""What a central system learned about a charge, told alike for 1.6 and 2.0.1, so that one test can run over both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.unit.simulator.fake_csms import FakeCsms

REGISTER = "Energy.Active.Import.Register"


@dataclass(frozen=True)
class Sample:
    """One reading as it was sent."""

    at: datetime
    values: dict[str, int]

    @property
    def energy_wh(self) -> int:
        """The register in Wh."""
        return self.values[REGISTER]


def starts(csms: FakeCsms) -> list[dict[str, Any]]:
    """Return the messages that begin a transaction."""
    if csms.version == "1.6":
        return csms.of("StartTransaction")
    return [event for event in csms.of("TransactionEvent") if event["eventType"] == "Started"]


def stops(csms: FakeCsms) -> list[dict[str, Any]]:
    """Return the messages that end a transaction."""
    if csms.version == "1.6":
        return csms.of("StopTransaction")
    return [event for event in csms.of("TransactionEvent") if event["eventType"] == "Ended"]


def samples(csms: FakeCsms) -> list[Sample]:
    """Return the periodic readings in the order of arrival."""
    if csms.version == "1.6":
        values = [value for call in csms.of("MeterValues") for value in call["meterValue"]]
    else:
        updates = [e for e in csms.of("TransactionEvent") if e["triggerReason"] == "MeterValuePeriodic"]
        values = [value for event in updates for value in event["meterValue"]]
    return [sample(value) for value in values]


def sample(value: dict[str, Any]) -> Sample:
    """Read a MeterValue of either version."""
    at = datetime.fromisoformat(value["timestamp"])
    return Sample(at, {s["measurand"]: int(s["value"]) for s in value["sampledValue"]})


def begin_of(csms: FakeCsms, index: int = 0) -> Sample:
    """Return the reading at the start of a transaction."""
    start = starts(csms)[index]
    if csms.version == "1.6":
        return Sample(datetime.fromisoformat(start["timestamp"]), {REGISTER: start["meterStart"]})
    return sample(start["meterValue"][0])


def end_of(csms: FakeCsms, index: int = 0) -> Sample:
    """Return the reading at the end of a transaction."""
    stop = stops(csms)[index]
    if csms.version == "1.6":
        return Sample(datetime.fromisoformat(stop["timestamp"]), {REGISTER: stop["meterStop"]})
    return sample(stop["meterValue"][0])


def statuses(csms: FakeCsms, connector: int = 1) -> list[str]:
    """Return the statuses of a connector in the order of arrival."""
    notices = csms.of("StatusNotification")
    if csms.version == "1.6":
        return [notice["status"] for notice in notices if notice["connectorId"] == connector]
    return [notice["connectorStatus"] for notice in notices if notice["evseId"] == connector]


def reason(csms: FakeCsms, index: int = 0) -> str:
    """Return why a transaction ended."""
    stop = stops(csms)[index]
    return str(stop["reason"] if csms.version == "1.6" else stop["transactionInfo"]["stoppedReason"])


def transaction_messages(csms: FakeCsms) -> list[dict[str, Any]]:
    """Return every message of transactions in the order of arrival."""
    durable = {"StartTransaction", "MeterValues", "StopTransaction", "TransactionEvent"}
    return [call.payload for call in csms.calls if call.action in durable]


async def remote_start(csms: FakeCsms, token: str = "APP-1", connector: int | None = 1, remote_id: int = 77) -> str:
    """Ask for a start and return the status."""
    if csms.version == "1.6":
        payload: dict[str, Any] = {"idTag": token}
        action = "RemoteStartTransaction"
        payload |= {"connectorId": connector} if connector else {}
    else:
        payload = {"idToken": {"idToken": token, "type": "Central"}, "remoteStartId": remote_id}
        action = "RequestStartTransaction"
        payload |= {"evseId": connector} if connector else {}
    return str((await csms.command(action, payload, timeout_s=0.5))["status"])


async def remote_stop(csms: FakeCsms, transaction_id: int | str | None) -> str:
    """Ask for a stop and return the status."""
    action = "RemoteStopTransaction" if csms.version == "1.6" else "RequestStopTransaction"
    return str((await csms.command(action, {"transactionId": transaction_id}, timeout_s=0.5))["status"])


async def reserve(
    csms: FakeCsms, token: str, *, expires: str = "2099-01-01T00:00:00Z", connector: int = 1, number: int = 5
) -> str:
    """Ask for a reservation and return the status."""
    if csms.version == "1.6":
        payload: dict[str, Any] = {
            "connectorId": connector,
            "expiryDate": expires,
            "idTag": token,
            "reservationId": number,
        }
    else:
        payload = {
            "id": number,
            "expiryDateTime": expires,
            "idToken": {"idToken": token, "type": "ISO14443"},
            "evseId": connector,
        }
    return str((await csms.command("ReserveNow", payload))["status"])


async def change_availability(csms: FakeCsms, kind: str, connector: int = 1) -> str:
    """Change a connector's availability and return the status."""
    if csms.version == "1.6":
        payload: dict[str, Any] = {"connectorId": connector, "type": kind}
    else:
        payload = {"operationalStatus": kind, "evse": {"id": connector}}
    return str((await csms.command("ChangeAvailability", payload))["status"])
