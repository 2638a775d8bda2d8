"""OCPP 2.0.1: the answers of a simulated charging station to the CSMS's commands."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpp.v201 import ChargePoint

from ocpp_bridge.simulator.connector import Authorisation, Reservation
from ocpp_bridge.simulator.device_model import get_variables, report_data, set_variables
from ocpp_bridge.simulator.dialect import timestamp
from ocpp_bridge.simulator.endpoint import Endpoint, handles
from ocpp_bridge.simulator.wire import call_v201, result_v201

if TYPE_CHECKING:
    from ocpp_bridge.simulator.commands import Commands

_REPORT_ITEMS = 10


class EndpointV201(Endpoint, ChargePoint):
    """Handlers named for their 2.0.1 action; each answers and leaves the deed for after the answer."""

    @property
    def _commands(self) -> "Commands":
        return self.station.commands

    @handles("RequestStartTransaction")
    def on_request_start(
        self, id_token: dict[str, Any], remote_start_id: int, evse_id: int | None = None, **_: Any
    ) -> object:
        """F01, F02: a transaction the cable has begun already is named in the answer."""
        authorisation = Authorisation(
            id_token["id_token"], id_token["type"], remote=True, remote_start_id=remote_start_id
        )
        connector = self._commands.remote_start(evse_id, authorisation)
        if connector is None:
            return result_v201.RequestStartTransaction("Rejected")
        self.afterwards(lambda: self._commands.begin_remote_start(connector, authorisation))
        running = None if connector.transaction is None else str(connector.transaction.id)
        return result_v201.RequestStartTransaction("Accepted", transaction_id=running)

    @handles("RequestStopTransaction")
    def on_request_stop(self, transaction_id: str, **_: Any) -> object:
        """F03."""
        connector = self._commands.remote_stop(transaction_id)
        if connector is None:
            return result_v201.RequestStopTransaction("Rejected")
        self.afterwards(lambda: self._commands.begin_remote_stop(connector))
        return result_v201.RequestStopTransaction("Accepted")

    @handles("GetTransactionStatus")
    def on_get_transaction_status(self, transaction_id: str | None = None, **_: Any) -> object:
        """E14."""
        waiting = len(self.station.outbox) > 0
        if transaction_id is None:
            return result_v201.GetTransactionStatus(waiting)
        ongoing = self.station.running_transaction(transaction_id) is not None
        return result_v201.GetTransactionStatus(waiting, ongoing)

    @handles("ReserveNow")
    def on_reserve_now(
        self,
        id: int,  # noqa: A002 - the field's name
        expiry_date_time: str,
        id_token: dict[str, Any],
        evse_id: int | None = None,
        group_id_token: dict[str, Any] | None = None,
        **_: Any,
    ) -> object:
        """H01; only for a named EVSE, as ReservationCtrlr.NonEvseSpecific says."""
        group = None if group_id_token is None else group_id_token["id_token"]
        expires_at = datetime.fromisoformat(expiry_date_time)
        reservation = Reservation(id, id_token["id_token"], expires_at, group)
        return result_v201.ReserveNow(self._commands.reserve(evse_id, reservation))

    @handles("CancelReservation")
    def on_cancel_reservation(self, reservation_id: int, **_: Any) -> object:
        """H02."""
        return result_v201.CancelReservation(self._commands.cancel_reservation(reservation_id))

    @handles("Reset")
    def on_reset(self, type: str, **_: Any) -> object:  # noqa: A002 - the field's name
        """B11, B12: OnIdle waits for running transactions, and so does a reset of one EVSE for the whole
        station.
        """
        station = self.station
        if type == "OnIdle" and any(c.transaction is not None for c in station.connectors):
            station.reboot_when_idle = True
            return result_v201.Reset("Scheduled")
        self.afterwards(lambda: station.spawn(station.reboot("ImmediateReset", graceful=True)))
        return result_v201.Reset("Accepted")

    @handles("UnlockConnector")
    def on_unlock_connector(self, evse_id: int, connector_id: int, **_: Any) -> object:
        """F05: refused during an authorised transaction."""
        connector = self.station.find(evse_id)
        if connector is None or connector_id != 1:
            return result_v201.UnlockConnector("UnknownConnector")
        if connector.authorisation is not None:
            return result_v201.UnlockConnector("OngoingAuthorizedTransaction")
        return result_v201.UnlockConnector("Unlocked")

    @handles("ChangeAvailability")
    def on_change_availability(self, operational_status: str, evse: dict[str, Any] | None = None, **_: Any) -> object:
        """G03, G04; without an EVSE all change."""
        number = evse["id"] or None if evse else None
        operative = operational_status == "Operative"
        return result_v201.ChangeAvailability(self._commands.change_availability(number, operative=operative))

    @handles("TriggerMessage")
    def on_trigger_message(self, requested_message: str, evse: dict[str, Any] | None = None, **_: Any) -> object:
        """F06."""
        chosen = [c for c in self.station.connectors if not evse or not evse["id"] or c.number == evse["id"]]
        if not chosen:
            return result_v201.TriggerMessage("Rejected")
        if requested_message in {"LogStatusNotification", "FirmwareStatusNotification"}:
            idle = getattr(call_v201, requested_message)("Idle")
            self.afterwards(lambda: self._commands.send(idle))
            return result_v201.TriggerMessage("Accepted")
        if not self._commands.can_trigger(requested_message):
            return result_v201.TriggerMessage("NotImplemented")
        self.afterwards(lambda: self._commands.trigger(requested_message, chosen))
        return result_v201.TriggerMessage("Accepted")

    @handles("GetVariables")
    def on_get_variables(self, get_variable_data: list[dict[str, Any]], **_: Any) -> object:
        """B06."""
        return result_v201.GetVariables(get_variables(self.station.dialect.settings, get_variable_data))

    @handles("SetVariables")
    def on_set_variables(self, set_variable_data: list[dict[str, Any]], **_: Any) -> object:
        """B05."""
        settings = self.station.dialect.settings
        return result_v201.SetVariables(set_variables(settings, set_variable_data, self.station.change_setting))

    @handles("GetBaseReport")
    def on_get_base_report(self, request_id: int, report_base: str, **_: Any) -> object:
        """B07: the device model follows in NotifyReports of ten items."""
        if report_base == "SummaryInventory":
            return result_v201.GetBaseReport("NotSupported")
        self.afterwards(lambda: self._report(request_id))
        return result_v201.GetBaseReport("Accepted")

    @handles("ClearCache")
    def on_clear_cache(self, **_: Any) -> object:
        """C11."""
        self.station.tokens.clear_cache()
        return result_v201.ClearCache("Accepted")

    @handles("DataTransfer")
    def on_data_transfer(self, **_: Any) -> object:
        """P01: no vendor extension is known here."""
        return result_v201.DataTransfer("UnknownVendorId")

    @handles("GetLocalListVersion")
    def on_get_local_list_version(self, **_: Any) -> object:
        """D02."""
        return result_v201.GetLocalListVersion(self.station.tokens.list_version)

    @handles("SendLocalList")
    def on_send_local_list(
        self,
        version_number: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
        **_: Any,
    ) -> object:
        """D01."""
        entries = {
            entry["id_token"]["id_token"]: (entry.get("id_token_info") or {}).get("status")
            for entry in local_authorization_list or []
        }
        outcome = self.station.tokens.update_list(version_number, entries, full=update_type == "Full")
        return result_v201.SendLocalList(outcome)

    @handles("SetChargingProfile")
    def on_set_charging_profile(self, evse_id: int, charging_profile: dict[str, Any], **_: Any) -> object:
        """K01: kept for inspection; the simulated car does not follow it."""
        self.station.charging_profiles.append((evse_id, charging_profile))
        return result_v201.SetChargingProfile("Accepted")

    @handles("ClearChargingProfile")
    def on_clear_charging_profile(self, **_: Any) -> object:
        """K10: Unknown when there was none."""
        had_any = bool(self.station.charging_profiles)
        self.station.charging_profiles.clear()
        return result_v201.ClearChargingProfile("Accepted" if had_any else "Unknown")

    @handles("GetLog")
    def on_get_log(self, request_id: int, **_: Any) -> object:
        """N01: an upload is reported, nothing is uploaded."""
        for status in ("Uploading", "Uploaded"):
            notice = call_v201.LogStatusNotification(status, request_id)
            self.afterwards(lambda notice=notice: self._commands.send(notice))  # type: ignore[misc]
        return result_v201.GetLog("Accepted", filename=f"{self.station.config.identity}.log")

    def _report(self, request_id: int) -> None:
        station = self.station
        items = report_data(station.dialect.settings, station.connectors)
        chunks = [items[start : start + _REPORT_ITEMS] for start in range(0, len(items), _REPORT_ITEMS)]
        for seq_no, chunk in enumerate(chunks):
            more = seq_no + 1 < len(chunks)
            generated_at = timestamp(station.clock.now())
            self._commands.send(call_v201.NotifyReport(request_id, generated_at, seq_no, chunk, more))
