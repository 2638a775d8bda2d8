"""OCPP 1.6: the answers of a simulated charge point to the CSMS's commands."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpp.v16 import ChargePoint

from ocpp_bridge.simulator.connector import Authorisation, Reservation
from ocpp_bridge.simulator.endpoint import Endpoint, handles
from ocpp_bridge.simulator.outbox import Message
from ocpp_bridge.simulator.wire import call_v16, result_v16

if TYPE_CHECKING:
    from ocpp_bridge.simulator.commands import Commands

_SET_OUTCOMES = {"Accepted": "Accepted", "Rejected": "Rejected", "Unknown": "NotSupported"}


class EndpointV16(Endpoint, ChargePoint):
    """Handlers named for their 1.6 action; each answers and leaves the deed for after the answer."""

    @property
    def _commands(self) -> "Commands":
        return self.station.commands

    @handles("RemoteStartTransaction")
    def on_remote_start(self, id_tag: str, connector_id: int | None = None, **_: Any) -> object:
        """Section 5.11."""
        authorisation = Authorisation(id_tag, remote=True)
        connector = self._commands.remote_start(connector_id, authorisation)
        if connector is None:
            return result_v16.RemoteStartTransaction("Rejected")
        self.afterwards(lambda: self._commands.begin_remote_start(connector, authorisation))
        return result_v16.RemoteStartTransaction("Accepted")

    @handles("RemoteStopTransaction")
    def on_remote_stop(self, transaction_id: int, **_: Any) -> object:
        """Section 5.12."""
        connector = self._commands.remote_stop(transaction_id)
        if connector is None:
            return result_v16.RemoteStopTransaction("Rejected")
        self.afterwards(lambda: self._commands.begin_remote_stop(connector))
        return result_v16.RemoteStopTransaction("Accepted")

    @handles("ReserveNow")
    def on_reserve_now(
        self,
        connector_id: int,
        expiry_date: str,
        id_tag: str,
        reservation_id: int,
        parent_id_tag: str | None = None,
        **_: Any,
    ) -> object:
        """Section 5.13; connector 0 is not supported and says so in ReserveConnectorZeroSupported."""
        expires_at = datetime.fromisoformat(expiry_date)
        reservation = Reservation(reservation_id, id_tag, expires_at, parent_id_tag)
        return result_v16.ReserveNow(self._commands.reserve(connector_id or None, reservation))

    @handles("CancelReservation")
    def on_cancel_reservation(self, reservation_id: int, **_: Any) -> object:
        """Section 5.1."""
        return result_v16.CancelReservation(self._commands.cancel_reservation(reservation_id))

    @handles("Reset")
    def on_reset(self, type: str, **_: Any) -> object:  # noqa: A002 - the field's name
        """Section 5.14."""
        hard = type == "Hard"
        reason = "HardReset" if hard else "SoftReset"
        self.afterwards(lambda: self.station.spawn(self.station.reboot(reason, graceful=not hard)))
        return result_v16.Reset("Accepted")

    @handles("UnlockConnector")
    def on_unlock_connector(self, connector_id: int, **_: Any) -> object:
        """Section 5.18: a running transaction is stopped first."""
        connector = self.station.find(connector_id)
        if connector is None:
            return result_v16.UnlockConnector("NotSupported")
        if connector.transaction is not None:
            self.station.charging.stop(connector, "UnlockCommand", "UnlockCommand", final=True)
        return result_v16.UnlockConnector("Unlocked")

    @handles("ChangeAvailability")
    def on_change_availability(
        self,
        connector_id: int,
        type: str,  # noqa: A002 - the field's name
        **_: Any,
    ) -> object:
        """Section 5.2; connector 0 means all."""
        operative = type == "Operative"
        return result_v16.ChangeAvailability(
            self._commands.change_availability(connector_id or None, operative=operative)
        )

    @handles("TriggerMessage")
    def on_trigger_message(self, requested_message: str, connector_id: int | None = None, **_: Any) -> object:
        """Section 5.17."""
        chosen = self.station.connectors
        if connector_id:
            chosen = [c for c in chosen if c.number == connector_id]
        if not chosen:
            return result_v16.TriggerMessage("Rejected")
        if requested_message in {"DiagnosticsStatusNotification", "FirmwareStatusNotification"}:
            factory = getattr(call_v16, requested_message)
            self.afterwards(lambda: self._commands.send(factory("Idle")))
            return result_v16.TriggerMessage("Accepted")
        if not self._commands.can_trigger(requested_message):
            return result_v16.TriggerMessage("NotImplemented")
        self.afterwards(lambda: self._commands.trigger(requested_message, chosen))
        return result_v16.TriggerMessage("Accepted")

    @handles("GetConfiguration")
    def on_get_configuration(self, key: list[str] | None = None, **_: Any) -> object:
        """Section 5.8; without keys all are returned."""
        settings = self.station.dialect.settings
        wanted = key or [name for name, _setting in settings]
        known = [(name, setting) for name in wanted if (setting := settings.get(name)) is not None]
        unknown = [name for name in wanted if settings.get(name) is None]
        return result_v16.GetConfiguration(
            [{"key": name, "readonly": s.read_only, "value": s.value} for name, s in known], unknown or None
        )

    @handles("ChangeConfiguration")
    def on_change_configuration(self, key: str, value: str, **_: Any) -> object:
        """Section 5.3."""
        return result_v16.ChangeConfiguration(_SET_OUTCOMES[self.station.change_setting(key, value)])

    @handles("ClearCache")
    def on_clear_cache(self, **_: Any) -> object:
        """Section 5.4."""
        self.station.tokens.clear_cache()
        return result_v16.ClearCache("Accepted")

    @handles("DataTransfer")
    def on_data_transfer(self, **_: Any) -> object:
        """Section 5.6: no vendor extension is known here."""
        return result_v16.DataTransfer("UnknownVendorId")

    @handles("GetLocalListVersion")
    def on_get_local_list_version(self, **_: Any) -> object:
        """Section 5.10."""
        return result_v16.GetLocalListVersion(self.station.tokens.list_version)

    @handles("SendLocalList")
    def on_send_local_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
        **_: Any,
    ) -> object:
        """Section 5.15."""
        entries = {
            entry["id_tag"]: (entry.get("id_tag_info") or {}).get("status") for entry in local_authorization_list or []
        }
        outcome = self.station.tokens.update_list(list_version, entries, full=update_type == "Full")
        return result_v16.SendLocalList(outcome)

    @handles("SetChargingProfile")
    def on_set_charging_profile(self, connector_id: int, cs_charging_profiles: dict[str, Any], **_: Any) -> object:
        """Section 5.16: kept for inspection; the simulated car does not follow it."""
        self.station.charging_profiles.append((connector_id, cs_charging_profiles))
        return result_v16.SetChargingProfile("Accepted")

    @handles("ClearChargingProfile")
    def on_clear_charging_profile(self, **_: Any) -> object:
        """Section 5.5: Unknown when there was none."""
        had_any = bool(self.station.charging_profiles)
        self.station.charging_profiles.clear()
        return result_v16.ClearChargingProfile("Accepted" if had_any else "Unknown")

    @handles("GetDiagnostics")
    def on_get_diagnostics(self, **_: Any) -> object:
        """Section 5.9: an upload is reported, nothing is uploaded."""
        for status in ("Uploading", "Uploaded"):
            self.afterwards(lambda status=status: self._send_diagnostics_status(status))  # type: ignore[misc]
        return result_v16.GetDiagnostics(f"{self.station.config.identity}.log")

    def _send_diagnostics_status(self, status: str) -> None:
        self.station.outbox.put(Message(lambda: call_v16.DiagnosticsStatusNotification(status), durable=False))
