"""OCPP 1.6: how a charge reads in StartTransaction, MeterValues and StopTransaction.

The transaction id comes from the CSMS, so later messages are built when they are sent. Should the CSMS refuse
the start message itself for good, the station goes on with id -1, as chargers do.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpp_bridge.simulator.connector import Connector, Reading, SimTransaction
from ocpp_bridge.simulator.dialect import VariableNames, timestamp
from ocpp_bridge.simulator.outbox import Message
from ocpp_bridge.simulator.settings import Setting, Settings
from ocpp_bridge.simulator.v16_endpoint import EndpointV16
from ocpp_bridge.simulator.wire import call_v16

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from ocpp_bridge.simulator.core import StationCore

_UNKNOWN_TRANSACTION = -1
_REGISTER = "Energy.Active.Import.Register"
_REASONS = {
    "EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss",
    "Reboot", "Remote", "SoftReset", "UnlockCommand", "DeAuthorized",
}  # fmt: skip
_TRANSLATED_REASONS = {"ImmediateReset": "HardReset", "StoppedByEV": "Local"}
_DEFAULTS = {
    "AllowOfflineTxForUnknownId": Setting("false"),
    "AuthorizationCacheEnabled": Setting("true"),
    "AuthorizeRemoteTxRequests": Setting("false"),
    "ClockAlignedDataInterval": Setting("0"),
    "ConnectionTimeOut": Setting("60"),
    "GetConfigurationMaxKeys": Setting("50", read_only=True),
    "HeartbeatInterval": Setting("300"),
    "LocalAuthorizeOffline": Setting("true"),
    "LocalAuthListEnabled": Setting("true"),
    "LocalPreAuthorize": Setting("false"),
    "MeterValuesAlignedData": Setting(""),
    "MeterValuesSampledData": Setting("Energy.Active.Import.Register,Power.Active.Import,SoC"),
    "MeterValueSampleInterval": Setting("60"),
    "ReserveConnectorZeroSupported": Setting("false", read_only=True),
    "StopTransactionOnEVSideDisconnect": Setting("true", read_only=True),
    "StopTransactionOnInvalidId": Setting("true"),
    "StopTxnAlignedData": Setting(""),
    "StopTxnSampledData": Setting("Energy.Active.Import.Register,SoC"),
    "SupportedFeatureProfiles": Setting(
        "Core,LocalAuthListManagement,RemoteTrigger,Reservation,SmartCharging", read_only=True
    ),
    "TransactionMessageAttempts": Setting("3", read_only=True),
    "UnlockConnectorOnEVSideDisconnect": Setting("true", read_only=True),
}


class DialectV16:
    """Messages of OCPP 1.6J."""

    subprotocol = "ocpp1.6"
    names = VariableNames(
        sample_interval="MeterValueSampleInterval",
        cable_timeout="ConnectionTimeOut",
        authorise_remote_start="AuthorizeRemoteTxRequests",
        offline_local="LocalAuthorizeOffline",
        offline_unknown="AllowOfflineTxForUnknownId",
        stop_on_invalid="StopTransactionOnInvalidId",
    )

    def __init__(self, station: "StationCore") -> None:
        """Write into the outbox of `station`."""
        self._station = station
        connectors = {"NumberOfConnectors": Setting(str(station.config.connectors), read_only=True)}
        self.settings = Settings(_DEFAULTS | connectors, station.config.variables)

    def endpoint(self, connection: "ClientConnection") -> EndpointV16:
        """Return the handler of one connection's incoming calls."""
        return EndpointV16(self._station, connection)

    def boot(self, reason: str) -> object:
        """Return a BootNotification; 1.6 does not say why."""
        config = self._station.config
        return call_v16.BootNotification(
            charge_point_model=config.model,
            charge_point_vendor=config.vendor,
            charge_point_serial_number=config.serial,
            firmware_version=config.firmware,
        )

    def heartbeat(self) -> object:
        """Return a Heartbeat."""
        return call_v16.Heartbeat()

    def station_status(self, error_code: str | None, at: datetime) -> object | None:
        """Return the status of connector 0, which stands for the whole charge point."""
        status = "Available" if error_code is None else "Faulted"
        notice: object = call_v16.StatusNotification(0, error_code or "NoError", status, timestamp(at))
        return notice

    def statuses(self, at: datetime) -> list[object]:
        """Return the status of the charge point and of each connector."""
        main = self.station_status(self._station.error_code, at)
        return [main, *(self.status(connector, at) for connector in self._station.connectors)]

    def status_name(self, connector: Connector) -> str:
        """Return the ChargePointStatus."""
        return connector.status_v16

    def status(self, connector: Connector, at: datetime) -> object:
        """Return one connector's StatusNotification."""
        return call_v16.StatusNotification(
            connector_id=connector.number,
            error_code=connector.error_code or "NoError",
            status=connector.status_v16,
            timestamp=timestamp(at),
        )

    def authorize(self, uid: str, token_type: str) -> object:
        """Return an Authorize call; 1.6 knows no token types."""
        return call_v16.Authorize(id_tag=uid)

    def verdict(self, answer: Any) -> tuple[str, str | None]:
        """Return the AuthorizationStatus and the parent id tag."""
        info = answer.id_tag_info
        return info["status"], info.get("parent_id_tag")

    def start_points(self) -> frozenset[str]:
        """A 1.6 transaction begins when energy may flow."""
        return frozenset({"PowerPathClosed"})

    def stop_points(self) -> frozenset[str]:
        """A 1.6 transaction ends when it is stopped, cable in or out."""
        return frozenset({"Authorized"})

    def started(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """Queue StartTransaction; its answer gives the transaction its id."""

        def build() -> object:
            return call_v16.StartTransaction(
                connector_id=transaction.connector,
                id_tag=str(transaction.uid),
                meter_start=transaction.begin.energy_wh,
                timestamp=timestamp(transaction.begin.at),
                reservation_id=transaction.reservation_id,
            )

        def on_answer(answer: Any) -> None:
            transaction.id = answer.transaction_id
            self._station.token_judged(connector, transaction, answer.id_tag_info["status"])

        self._station.outbox.put(Message(build, on_answer=on_answer))

    def changed(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """1.6 shows such a change by the connector's status alone."""

    def sampled(self, connector: Connector, transaction: SimTransaction, reading: Reading, trigger: str) -> None:
        """Queue MeterValues with the measurands that MeterValuesSampledData names."""
        measurands = self.settings.members("MeterValuesSampledData")
        if not (values := meter_value(reading, "Sample.Periodic", measurands)):
            return

        def build() -> object:
            known = transaction.id is not None
            return call_v16.MeterValues(transaction.connector, [values], transaction.id if known else None)

        self._station.outbox.put(Message(build))

    def meter_values(self, connector: Connector, reading: Reading) -> object:
        """Return the MeterValues a TriggerMessage asked for, transaction or not."""
        measurands = self.settings.members("MeterValuesSampledData") or frozenset({_REGISTER})
        transaction_id = None if connector.transaction is None else connector.transaction.id
        values = meter_value(reading, "Trigger", measurands)
        return call_v16.MeterValues(connector.number, [values], transaction_id)

    def ended(self, connector: Connector, transaction: SimTransaction, trigger: str) -> None:
        """Queue StopTransaction with the begin and end readings."""
        behaviour = self._station.behaviour
        end = transaction.end or transaction.begin
        without_readings = behaviour.omit_end_reading
        data = [] if without_readings else self._transaction_data(transaction, end)

        def build() -> object:
            known = _UNKNOWN_TRANSACTION if transaction.id is None else transaction.id
            override = self._station.behaviour.stop_transaction_id
            return call_v16.StopTransaction(
                meter_stop=None if without_readings else end.energy_wh,
                timestamp=timestamp(end.at),
                transaction_id=known if override is None else override,
                reason=reason_v16(transaction.reason),
                id_tag=transaction.stop_uid,
                transaction_data=data or None,
            )

        self._station.outbox.put(Message(build))

    def reservation_gone(self, reservation_id: int, why: str) -> None:
        """1.6 has no message for it; the connector's status tells."""

    def _transaction_data(self, transaction: SimTransaction, end: Reading) -> list[dict[str, Any]]:
        measurands = self.settings.members("StopTxnSampledData")
        data = [
            meter_value(transaction.begin, "Transaction.Begin", measurands),
            meter_value(end, "Transaction.End", measurands),
        ]
        return [value for value in data if value]


def reason_v16(reason: str | None) -> str | None:
    """Return the 1.6 stop reason (section 7.36) for a reason of either version."""
    if reason is None or reason in _REASONS:
        return reason
    return _TRANSLATED_REASONS.get(reason, "Other")


def meter_value(reading: Reading, context: str, measurands: frozenset[str]) -> dict[str, Any]:
    """Return a MeterValue (section 7.33) with the chosen measurands, empty when there is none to send."""
    values = {
        _REGISTER: (reading.energy_wh, "Wh", "Outlet"),
        "Power.Active.Import": (reading.power_w, "W", "Outlet"),
        "SoC": (reading.soc, "Percent", "EV"),
    }
    sampled = [
        {"value": str(value), "context": context, "measurand": name, "unit": unit, "location": location}
        for name, (value, unit, location) in values.items()
        if name in measurands and value is not None
    ]
    return {"timestamp": timestamp(reading.at), "sampled_value": sampled} if sampled else {}
