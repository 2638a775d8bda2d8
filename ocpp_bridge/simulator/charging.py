"""The course of a charge, the same for both versions: cable, authorisation, energy, suspension, stop, cable
out.

A transaction begins at the first of the version's start points that is reached (1.6: when energy may flow)
and energy flows whenever a car is connected and authorised. Whatever happens is told to the dialect at once,
connected or not; nothing here waits for the CSMS.
"""

import asyncio
from typing import TYPE_CHECKING

from ocpp_bridge.simulator.connector import Authorisation, Connector, Reading, SimTransaction, SuspendedBy
from ocpp_bridge.simulator.physics import FULL, Battery

if TYPE_CHECKING:
    from ocpp_bridge.simulator.core import StationCore

_IDLE_S = 1.0
"""How often a charge without periodic readings looks whether the battery is full."""
_CLOCK_STEP_S = 0.001
"""More than the resolution of the event loop's clock, so that a wait never ends just before the battery is
full.
"""


class Charging:
    """Changes connectors and reports the change."""

    def __init__(self, station: "StationCore") -> None:
        """Work on the connectors of `station`."""
        self._station = station

    def read(self, connector: Connector) -> Reading:
        """Read the meter now: register, power and time belong to the same instant."""
        outlet = connector.outlet
        at = self._station.clock.now()
        return Reading(at, outlet.register_wh, outlet.power_w, outlet.soc)

    def plug_in(self, connector: Connector, soc: int | None = None) -> None:
        """Connect a car at `soc` percent (the configured one by default)."""
        if connector.plugged:
            return
        config = self._station.config
        connector.finishing = False
        start = config.soc_start if soc is None else soc
        connector.outlet.connect(Battery.at(config.capacity_wh, start))
        self._advance(connector, "CablePluggedIn")

    def unplug(self, connector: Connector) -> None:
        """Take the cable out; a running transaction ends."""
        if not connector.plugged:
            return
        transaction = connector.transaction
        if transaction is not None:
            end = self.read(connector)
            connector.outlet.disconnect()
            self._end(connector, transaction, end, "EVDisconnected", "EVCommunicationLost")
        connector.outlet.disconnect()
        connector.authorisation = None
        connector.finishing = False
        connector.suspended_by = None
        self._station.status_changed(connector)

    def authorise(self, connector: Connector, authorisation: Authorisation) -> None:
        """Let a token charge: its start uses up a reservation it may use; without a cable a time-out runs."""
        connector.authorisation = authorisation
        connector.finishing = False
        if not connector.plugged:
            self._station.spawn(self._expect_cable(connector, authorisation))
        self._advance(connector, "RemoteStart" if authorisation.remote else "Authorized")

    def stop(
        self, connector: Connector, reason: str, trigger: str, *, uid: str | None = None, final: bool = False
    ) -> bool:
        """Stop the energy; False when there was nothing to stop.

        `final` ends the transaction even where its stop point is the removal of the cable.
        """
        transaction = connector.transaction
        if transaction is None:
            connector.authorisation = None
            self._station.status_changed(connector)
            return False
        end = self.read(connector)
        connector.outlet.open()
        connector.authorisation = None
        connector.suspended_by = None
        transaction.stop_uid = uid
        transaction.reason = transaction.reason or reason
        if final or not connector.plugged or self._station.dialect.stop_points() - {"EVConnected"}:
            connector.finishing = connector.plugged
            self._end(connector, transaction, end, reason, trigger)
        else:
            self._station.dialect.changed(connector, transaction, trigger)
        self._station.status_changed(connector)
        self._unplug_later(connector)
        return True

    def suspend(self, connector: Connector, by: SuspendedBy) -> None:
        """Interrupt the energy of a running transaction without ending it."""
        if connector.transaction is None or not connector.transaction.energised or connector.suspended_by:
            return
        connector.outlet.open()
        connector.suspended_by = by
        self._station.dialect.changed(connector, connector.transaction, "ChargingStateChanged")
        self._station.status_changed(connector)

    def resume(self, connector: Connector) -> None:
        """Let the energy flow again."""
        if connector.transaction is None or connector.suspended_by is None:
            return
        connector.suspended_by = None
        connector.outlet.close()
        self._station.dialect.changed(connector, connector.transaction, "ChargingStateChanged")
        self._station.status_changed(connector)

    def _advance(self, connector: Connector, trigger: str) -> None:
        station, transaction = self._station, connector.transaction
        ready = connector.plugged and connector.authorisation is not None and connector.error_code is None
        if transaction is None:
            if not self._start_point_reached(connector, ready=ready):
                station.status_changed(connector)
                return
            transaction = self._begin(connector)
            if ready and station.dialect.start_points() == {"PowerPathClosed"}:
                self._energise(connector, transaction)
            station.dialect.started(connector, transaction, trigger)
        else:
            self._adopt(connector, transaction)
            station.dialect.changed(connector, transaction, trigger)
        if ready and not transaction.energised:
            self._energise(connector, transaction)
            station.dialect.changed(connector, transaction, "ChargingStateChanged")
        station.status_changed(connector)

    def _start_point_reached(self, connector: Connector, *, ready: bool) -> bool:
        if connector.error_code is not None:
            return False
        points = self._station.dialect.start_points()
        return (
            ready
            or ("EVConnected" in points and connector.plugged)
            or ("Authorized" in points and connector.authorisation is not None)
        )

    def _begin(self, connector: Connector) -> SimTransaction:
        if self._station.behaviour.meter_reset == "transaction":
            connector.outlet.reset_register()
        transaction = SimTransaction(connector.number, self.read(connector))
        connector.transaction = transaction
        self._adopt(connector, transaction)
        self._station.transactions.append(transaction)
        return transaction

    def _adopt(self, connector: Connector, transaction: SimTransaction) -> None:
        authorisation = connector.authorisation
        if authorisation is None or transaction.uid is not None:
            return
        transaction.uid = authorisation.uid
        transaction.token_type = authorisation.token_type
        transaction.remote_start_id = authorisation.remote_start_id
        if connector.reservation is not None:
            transaction.reservation_id = connector.reservation.id
            connector.reservation = None

    def _energise(self, connector: Connector, transaction: SimTransaction) -> None:
        transaction.energised = True
        connector.suspended_by = None
        connector.outlet.close()
        self._station.spawn(self._sample(connector, transaction))

    def _end(self, connector: Connector, transaction: SimTransaction, end: Reading, reason: str, trigger: str) -> None:
        transaction.end = end
        transaction.reason = transaction.reason or reason
        connector.transaction = None
        self._station.dialect.ended(connector, transaction, trigger)
        self._station.transaction_ended(connector)

    def _unplug_later(self, connector: Connector) -> None:
        delay = self._station.behaviour.auto_unplug_after_stop_s
        battery = connector.outlet.battery
        if delay is None or battery is None:
            return

        async def leave() -> None:
            await asyncio.sleep(delay)
            if connector.outlet.battery is battery and connector.authorisation is None:
                self.unplug(connector)

        self._station.spawn(leave())

    async def _expect_cable(self, connector: Connector, authorisation: Authorisation) -> None:
        await asyncio.sleep(self._station.cable_timeout_s)
        if connector.authorisation is authorisation and not connector.plugged:
            self.stop(connector, "Timeout", "EVConnectTimeout", final=True)

    async def _sample(self, connector: Connector, transaction: SimTransaction) -> None:
        """Take a reading each interval, and suspend at the moment the battery is full."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while transaction.active:
            interval = self._station.sample_interval_s
            due = max(due + (interval or _IDLE_S), loop.time())
            full_in = connector.outlet.full_in_s
            if full_in is not None and loop.time() + full_in <= due:
                await asyncio.sleep(full_in + _CLOCK_STEP_S)
                if transaction.active and connector.outlet.soc == FULL:
                    self.suspend(connector, "EV")
            await asyncio.sleep(max(due - loop.time(), 0))
            if transaction.active and interval and not self._station.behaviour.no_readings:
                reading = self.read(connector)
                transaction.samples.append(reading)
                self._station.dialect.sampled(connector, transaction, reading, "MeterValuePeriodic")
