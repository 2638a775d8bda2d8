"""OCPP 2.0.1: how a charge reads in TransactionEvents.

An event is complete when it happens: its sequence number, its time and whether the station was offline never
change, however often and late it is sent. Sequence numbers count from 0 in each transaction, without gaps.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ocpp_bridge.simulator.connector import Connector, Reading, SimTransaction
from ocpp_bridge.simulator.dialect import VariableNames, timestamp
from ocpp_bridge.simulator.outbox import Message
from ocpp_bridge.simulator.settings import Setting, Settings
from ocpp_bridge.simulator.v201_endpoint import EndpointV201
from ocpp_bridge.simulator.wire import call_v201

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from ocpp_bridge.simulator.core import StationCore

_REGISTER = "Energy.Active.Import.Register"
_REASONS = {
    "DeAuthorized", "EmergencyStop", "EnergyLimitReached", "EVDisconnected", "GroundFault", "ImmediateReset", "Local",
    "LocalOutOfCredit", "MasterPass", "Other", "OvercurrentFault", "PowerLoss", "PowerQuality", "Reboot", "Remote",
    "SOCLimitReached", "StoppedByEV", "TimeLimitReached", "Timeout",
}  # fmt: skip
_TRANSLATED_REASONS = {"HardReset": "ImmediateReset", "SoftReset": "Reboot"}
_DEFAULTS = {
    "AuthCacheCtrlr.Enabled": Setting("true"),
    "AuthCtrlr.AuthorizeRemoteStart": Setting("false"),
    "AuthCtrlr.LocalAuthorizeOffline": Setting("true"),
    "AuthCtrlr.LocalPreAuthorize": Setting("false"),
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": Setting("false"),
    "DeviceDataCtrlr.ItemsPerMessage.GetVariables": Setting("50", read_only=True),
    "LocalAuthListCtrlr.Enabled": Setting("true"),
    "OCPPCommCtrlr.HeartbeatInterval": Setting("300"),
    "OCPPCommCtrlr.MessageTimeout": Setting("30", read_only=True),
    "OCPPCommCtrlr.OfflineThreshold": Setting("60"),
    "ReservationCtrlr.Available": Setting("true", read_only=True),
    "ReservationCtrlr.NonEvseSpecific": Setting("false", read_only=True),
    "SampledDataCtrlr.TxEndedMeasurands": Setting(f"{_REGISTER},SoC"),
    "SampledDataCtrlr.TxStartedMeasurands": Setting(f"{_REGISTER},SoC"),
    "SampledDataCtrlr.TxUpdatedInterval": Setting("60"),
    "SampledDataCtrlr.TxUpdatedMeasurands": Setting(f"{_REGISTER},Power.Active.Import,SoC"),
    "TxCtrlr.EVConnectionTimeOut": Setting("60"),
    "TxCtrlr.StopTxOnEVSideDisconnect": Setting("true", read_only=True),
    "TxCtrlr.StopTxOnInvalidId": Setting("true"),
}


class DialectV201:
    """Messages of OCPP 2.0.1: each connector is an EVSE with one connector, number 1."""

    subprotocol = "ocpp2.0.1"
    names = VariableNames(
        sample_interval="SampledDataCtrlr.TxUpdatedInterval",
        cable_timeout="TxCtrlr.EVConnectionTimeOut",
        authorise_remote_start="AuthCtrlr.AuthorizeRemoteStart",
        offline_local="AuthCtrlr.LocalAuthorizeOffline",
        offline_unknown="AuthCtrlr.OfflineTxForUnknownIdEnabled",
        stop_on_invalid="TxCtrlr.StopTxOnInvalidId",
    )

    def __init__(self, station: "StationCore") -> None:
        """Write into the outbox of `station`."""
        self._station = station
        points = {
            "TxCtrlr.TxStartPoint": Setting(station.behaviour.tx_start_point),
            "TxCtrlr.TxStopPoint": Setting(station.behaviour.tx_stop_point),
        }
        self.settings = Settings(_DEFAULTS | points, station.config.variables)

    def endpoint(self, connection: "ClientConnection") -> EndpointV201:
        """Return the handler of one connection's incoming calls."""
        return EndpointV201(self._station, connection)

    def boot(self, reason: str) -> object:
        """Return a BootNotification with a BootReasonEnumType."""
        config = self._station.config
        charging_station = {
            "model": config.model,
            "vendor_name": config.vendor,
            "serial_number": config.serial,
            "firmware_version": config.firmware,
        }
        return call_v201.BootNotification(charging_station, reason)

    def heartbeat(self) -> object:
        """Return a Heartbeat."""
        return call_v201.Heartbeat()

    def station_status(self, error_code: str | None, at: datetime) -> object | None:
        """2.0.1 knows the status of connectors only."""
        return None

    def statuses(self, at: datetime) -> list[object]:
        """Return the status of each connector (B01.FR.05)."""
        return [self.status(connector, at) for connector in self._station.connectors]

    def status_name(self, connector: Connector) -> str:
        """Return the ConnectorStatusEnumType."""
        return connector.status_v201

    def status(self, connector: Connector, at: datetime) -> object:
        """Return one connector's StatusNotification."""
        return call_v201.StatusNotification(timestamp(at), connector.status_v201, connector.number, 1)

    def authorize(self, uid: str, token_type: str) -> object:
        """Return an Authorize call_v201."""
        return call_v201.Authorize(_id_token(uid, token_type))

    def verdict(self, answer: Any) -> tuple[str, str | None]:
        """Return the AuthorizationStatusEnumType and the group id token."""
        info = answer.id_token_info
        return info["status"], (info.get("group_id_token") or {}).get("id_token")

    def start_points(self) -> frozenset[str]:
        """Return TxCtrlr.TxStartPoint."""
        return self.settings.members("TxCtrlr.TxStartPoint")

    def stop_points(self) -> frozenset[str]:
        """Return TxCtrlr.TxStopPoint."""
        return self.settings.members("TxCtrlr.TxStopPoint")

    def started(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """Queue the Started event."""
        transaction.id = str(uuid4())
        value = self._value(transaction.begin, "Transaction.Begin", "TxStartedMeasurands")
        self._put(connector, transaction, "Started", trigger, at=transaction.begin.at, value=value)

    def changed(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """Queue an Updated event without a reading."""
        self._put(connector, transaction, "Updated", trigger, at=self._station.clock.now(), value=None)

    def sampled(self, connector: Connector, transaction: SimTransaction, reading: Reading, trigger: str) -> None:
        """Queue an Updated event with the measurands that TxUpdatedMeasurands names."""
        context = "Trigger" if trigger == "Trigger" else "Sample.Periodic"
        value = self._value(reading, context, "TxUpdatedMeasurands")
        if value or trigger == "Trigger":
            self._put(connector, transaction, "Updated", trigger, at=reading.at, value=value)

    def meter_values(self, connector: Connector, reading: Reading) -> object:
        """Return the MeterValues a TriggerMessage asked for (F06)."""
        measurands = frozenset({_REGISTER, "Power.Active.Import", "SoC"})
        return call_v201.MeterValues(connector.number, [meter_value(reading, "Trigger", measurands)])

    def ended(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """Queue the Ended event with the final reading."""
        end = transaction.end or transaction.begin
        omitted = self._station.behaviour.omit_end_reading
        value = None if omitted else self._value(end, "Transaction.End", "TxEndedMeasurands")
        self._put(connector, transaction, "Ended", trigger, at=end.at, value=value)

    def reservation_gone(self, reservation_id: int, why: str) -> None:
        """Queue a ReservationStatusUpdate (H03, H04)."""
        update = call_v201.ReservationStatusUpdate(reservation_id, why)
        self._station.outbox.put(Message(lambda: update, durable=False))

    def _value(self, reading: Reading, context: str, variable: str) -> dict[str, Any] | None:
        return meter_value(reading, context, self.settings.members(f"SampledDataCtrlr.{variable}")) or None

    def _put(
        self,
        connector: Connector,
        transaction: SimTransaction,
        event_type: str,
        trigger: str,
        *,
        at: datetime,
        value: dict[str, Any] | None,
    ) -> None:
        announces = transaction.uid is not None and not transaction.token_announced
        transaction.token_announced = transaction.token_announced or announces
        remote_start_id = transaction.remote_start_id if announces else None
        if remote_start_id is not None and event_type != "Ended":
            trigger = "RemoteStart"
        first = event_type == "Started"
        event = call_v201.TransactionEvent(
            event_type=event_type,
            timestamp=timestamp(at),
            trigger_reason=trigger,
            seq_no=transaction.seq_no,
            transaction_info={
                "transaction_id": str(transaction.id),
                "charging_state": connector.charging_state,
                "stopped_reason": reason_v201(transaction.reason) if event_type == "Ended" else None,
                "remote_start_id": remote_start_id,
            },
            meter_value=[value] if value else None,
            offline=None if self._station.online else True,
            reservation_id=transaction.reservation_id if announces else None,
            evse={"id": connector.number, "connector_id": 1} if first or announces else None,
            id_token=self._token(transaction, event_type, trigger, announces=announces),
        )
        transaction.seq_no += 1

        def on_answer(answer: Any) -> None:
            if announces and answer.id_token_info:
                self._station.token_judged(connector, transaction, answer.id_token_info["status"])

        self._station.outbox.put(Message(lambda: event, on_answer=on_answer))

    def _token(
        self, transaction: SimTransaction, event_type: str, trigger: str, *, announces: bool
    ) -> dict[str, str] | None:
        if announces:
            return _id_token(str(transaction.uid), transaction.token_type)
        if transaction.stop_uid is not None and trigger == "StopAuthorized":
            return _id_token(transaction.stop_uid, transaction.token_type)
        return None


def reason_v201(reason: str | None) -> str:
    """Return the ReasonEnumType (part 2, section 3.68) for a reason of either version."""
    if reason in _REASONS:
        return str(reason)
    return _TRANSLATED_REASONS.get(str(reason), "Other")


def meter_value(reading: Reading, context: str, measurands: frozenset[str]) -> dict[str, Any]:
    """Return a MeterValueType with the chosen measurands, empty when there is none to send."""
    values = {
        _REGISTER: (reading.energy_wh, "Wh", "Outlet"),
        "Power.Active.Import": (reading.power_w, "W", "Outlet"),
        "SoC": (reading.soc, "Percent", "EV"),
    }
    sampled = [
        {"value": v, "context": context, "measurand": name, "unit_of_measure": {"unit": unit}, "location": location}
        for name, (v, unit, location) in values.items()
        if name in measurands and v is not None
    ]
    return {"timestamp": timestamp(reading.at), "sampled_value": sampled} if sampled else {}


def _id_token(uid: str, token_type: str) -> dict[str, str]:
    return {"id_token": uid, "type": token_type}
