"""The station's decisions about the CSMS's commands, the same for both versions; endpoints only translate.

A decision is taken when the command arrives; what it sets in motion is started by a second call, after the
answer has left.
"""

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING

from ocpp_bridge.simulator.connector import Authorisation, Connector, Reservation
from ocpp_bridge.simulator.outbox import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocpp_bridge.simulator.core import StationCore

_TRIGGERS = {"BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent"}


class Commands:
    """Answers commands for one station."""

    def __init__(self, station: "StationCore") -> None:
        """Decide for `station`."""
        self._station = station

    def send(self, payload: object) -> None:
        """Queue a call that is not worth keeping when the connection breaks."""
        self._station.outbox.put(Message(lambda: payload, durable=False))

    def remote_start(self, number: int | None, authorisation: Authorisation) -> Connector | None:
        """Return the connector on which a remote start is accepted, None when it is rejected.

        Without a number the first suitable connector is taken, one with a car in preference.
        """
        station = self._station
        if station.behaviour.reject_remote_start:
            return None
        chosen = station.connectors if number is None else [c for c in station.connectors if c.number == number]
        free = [c for c in chosen if c.startable and self.admits(c, authorisation.uid)]
        return next((c for c in free if c.plugged), free[0] if free else None)

    def begin_remote_start(self, connector: Connector, authorisation: Authorisation) -> None:
        """Carry out an accepted remote start; one that was left unanswered only when told to start late."""
        behaviour = self._station.behaviour
        if behaviour.never_answer_remote_start and behaviour.start_after_s is None:
            return
        self._station.spawn(self._start(connector, authorisation))

    def remote_stop(self, transaction_id: int | str) -> Connector | None:
        """Return the connector whose transaction is to stop, None when the command is rejected."""
        if self._station.behaviour.reject_remote_stop:
            return None
        return self._station.running_transaction(transaction_id)

    def begin_remote_stop(self, connector: Connector) -> None:
        """Carry out an accepted remote stop."""
        if not self._station.behaviour.never_answer_remote_stop:
            self._station.charging.stop(connector, "Remote", "RemoteStop")

    def reserve(self, number: int | None, reservation: Reservation) -> str:
        """Decide on ReserveNow and return the ReservationStatus; the same id replaces the earlier
        reservation.
        """
        connector = self._station.find(number)
        if connector is None or self._station.behaviour.reject_reserve_now:
            return "Rejected"
        held = connector.reservation
        if held is not None and held.id == reservation.id:
            connector.reservation = None
        refusal = self._refuses_reservation(connector)
        if refusal is not None:
            connector.reservation = held
            return refusal
        for other in self._station.connectors:
            if other.reservation is not None and other.reservation.id == reservation.id:
                self._drop_reservation(other)
        connector.reservation = reservation
        self._station.status_changed(connector)
        self._station.spawn(self._expire(connector, reservation))
        return "Accepted"

    def cancel_reservation(self, reservation_id: int) -> str:
        """Decide on CancelReservation and return its status."""
        for connector in self._station.connectors:
            if connector.reservation is not None and connector.reservation.id == reservation_id:
                self._drop_reservation(connector)
                return "Accepted"
        return "Rejected"

    def change_availability(self, number: int | None, *, operative: bool) -> str:
        """Decide on ChangeAvailability for one or all connectors; a charging one follows when its transaction
        ends.
        """
        chosen = [c for c in self._station.connectors if number in (None, c.number)]
        if not chosen:
            return "Rejected"
        scheduled = False
        for connector in chosen:
            if not operative and connector.transaction is not None:
                connector.goes_inoperative = scheduled = True
                continue
            connector.operative, connector.goes_inoperative = operative, False
            if not operative:
                self.remove_reservation(connector)
            self._station.status_changed(connector)
        return "Scheduled" if scheduled else "Accepted"

    def remove_reservation(self, connector: Connector) -> None:
        """End a reservation because the connector cannot honour it."""
        if connector.reservation is not None:
            gone = connector.reservation.id
            self._drop_reservation(connector)
            self._station.dialect.reservation_gone(gone, "Removed")

    def admits(self, connector: Connector, uid: str, group_uid: str | None = None) -> bool:
        """Tell whether no reservation for someone else stands against a token."""
        reservation = connector.reservation
        if reservation is None or self._station.behaviour.ignore_reservation:
            return True
        return reservation.admits(uid, group_uid)

    def can_trigger(self, message: str) -> bool:
        """Tell whether TriggerMessage knows the message."""
        return message in _TRIGGERS

    def trigger(self, message: str, connectors: "Sequence[Connector]") -> None:
        """Send what TriggerMessage asked for."""
        station = self._station
        match message:
            case "BootNotification":
                station.spawn(station.boot_again())
            case "Heartbeat":
                self.send(station.dialect.heartbeat())
            case "StatusNotification":
                for connector in connectors:
                    self.send(station.dialect.status(connector, station.clock.now()))
            case "MeterValues":
                for connector in connectors:
                    reading = station.charging.read(connector)
                    self.send(station.dialect.meter_values(connector, reading))
            case _:
                for connector in connectors:
                    if connector.transaction is not None:
                        reading = station.charging.read(connector)
                        station.dialect.sampled(connector, connector.transaction, reading, "Trigger")

    def _refuses_reservation(self, connector: Connector) -> str | None:
        if connector.error_code is not None:
            return "Faulted"
        if not connector.operative:
            return "Unavailable"
        occupied = connector.plugged or connector.authorisation is not None or connector.reservation is not None
        return "Occupied" if occupied or connector.transaction is not None else None

    def _drop_reservation(self, connector: Connector) -> None:
        connector.reservation = None
        self._station.status_changed(connector)

    async def _start(self, connector: Connector, authorisation: Authorisation) -> None:
        station = self._station
        if station.behaviour.start_after_s is not None:
            await asyncio.sleep(station.behaviour.start_after_s)
        if station.dialect.settings.flag(station.dialect.names.authorise_remote_start):
            status, _group = await station.authorise_token(authorisation)
            if status != "Accepted":
                return
        if not connector.startable:
            return
        station.charging.authorise(connector, authorisation)
        if station.behaviour.auto_plug_in_on_remote_start and not connector.plugged:
            await asyncio.sleep(station.behaviour.plug_in_delay_s)
            if connector.authorisation is authorisation:
                station.charging.plug_in(connector)

    async def _expire(self, connector: Connector, reservation: Reservation) -> None:
        expires_at = reservation.expires_at
        if expires_at.tzinfo is None:
            expires_at = expires_at.replace(tzinfo=UTC)
        await asyncio.sleep(max((expires_at - self._station.clock.now()).total_seconds(), 0))
        if connector.reservation is reservation:
            self._drop_reservation(connector)
            self._station.dialect.reservation_gone(reservation.id, "Expired")
