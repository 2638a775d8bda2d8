"""A simulated charging station: the object a test, the demo or the command line holds in its hand.

The control methods stand for what people and cars do at the station; they work connected or not. Connectors
are numbered from 1; in 2.0.1 the number is the EVSE's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from ocpp_bridge.simulator.connector import RFID, Authorisation, Connector
from ocpp_bridge.simulator.core import StationCore
from ocpp_bridge.simulator.journal import Frame


class SimulatedStation(StationCore):
    """One station; `run` keeps it connected until cancelled."""

    @property
    def sent(self) -> list[Frame]:
        """All frames sent so far, oldest first."""
        return list(self.journal.sent)

    @property
    def received(self) -> list[Frame]:
        """All frames received so far, oldest first."""
        return list(self.journal.received)

    def calls(self, action: str) -> list[dict[str, Any]]:
        """Return the payloads of the calls sent with `action`, oldest first."""
        return [frame.payload for frame in self.journal.sent if frame.kind == "call" and frame.action == action]

    def meter_wh(self, connector: int) -> int:
        """Return the register of a connector in Wh."""
        return self[connector].outlet.register_wh

    def status(self, connector: int) -> str:
        """Return a connector's status in the words of the station's version."""
        return self.dialect.status_name(self[connector])

    async def wait_for(
        self, condition: Callable[["SimulatedStation"], object], timeout_s: float = 10
    ) -> "SimulatedStation":
        """Return when `condition(station)` is true; raises TimeoutError. Looked at after every frame and
        change.
        """
        await self.pulse.wait_until(lambda: bool(condition(self)), timeout_s)
        return self

    async def plug_in(self, connector: int, soc: int | None = None) -> None:
        """Connect a car, at `soc` percent or as configured."""
        self.charging.plug_in(self[connector], soc)

    async def unplug(self, connector: int) -> None:
        """Take the cable out; a running transaction ends with EVDisconnected."""
        self.charging.unplug(self[connector])

    async def present_token(self, connector: int, uid: str, token_type: str = RFID) -> str:
        """Hold a token against the reader and return its status; "Accepted" starts a charge or stops the
        token's own.

        A reservation for someone else, a fault, an unavailable connector and another driver's charge give
        "Rejected".
        """
        at = self[connector]
        if at.transaction is not None and at.charging:
            if str(at.transaction.uid).casefold() != uid.casefold():
                return "Rejected"
            self.charging.stop(at, "Local", "StopAuthorized", uid=uid)
            return "Accepted"
        if not at.startable:
            return "Rejected"
        authorisation = Authorisation(uid, token_type)
        status, group = await self.authorise_token(authorisation)
        if status != "Accepted":
            return status
        if not at.startable or not self.commands.admits(at, uid, group):
            return "Rejected"
        self.charging.authorise(at, authorisation)
        return status

    async def stop_locally(self, connector: int, reason: str = "Local") -> bool:
        """Stop a charge at the station, e.g. by its button; False when none runs."""
        trigger = "StopAuthorized" if reason == "Local" else "AbnormalCondition"
        return self.charging.stop(self[connector], reason, trigger)

    async def suspend_by_ev(self, connector: int) -> None:
        """The car pauses."""
        self.charging.suspend(self[connector], "EV")

    async def suspend_by_evse(self, connector: int) -> None:
        """The station pauses."""
        self.charging.suspend(self[connector], "EVSE")

    async def resume(self, connector: int) -> None:
        """Energy flows again after a pause."""
        self.charging.resume(self[connector])

    async def fault(self, connector: int, error_code: str = "OtherError") -> None:
        """A fault with a 1.6 ChargePointErrorCode: ends a charge and drops a reservation. Connector 0 means
        all.
        """
        if connector == 0:
            self.set_station_error(error_code)
        for at in self.connectors if connector == 0 else [self[connector]]:
            at.error_code = error_code
            self.charging.stop(at, "Other", "AbnormalCondition", final=True)
            self.commands.remove_reservation(at)

    async def clear_fault(self, connector: int) -> None:
        """The fault is mended. Connector 0 means all."""
        if connector == 0:
            self.set_station_error(None)
        for at in self.connectors if connector == 0 else [self[connector]]:
            at.error_code = None
            self.status_changed(at)

    async def drop_connection(self, offline_for_s: float = 0) -> None:
        """Cut the connection without a closing handshake and stay away for at least `offline_for_s` real
        seconds.
        """
        await self.connection.cut(offline_for_s)

    async def go_silent(self) -> None:
        """Keep the socket open but neither read nor write, until `speak_again`."""
        self.speaking.clear()
        self.connection.pause_reading()

    async def speak_again(self) -> None:
        """End a silence."""
        self.connection.resume_reading()
        self.speaking.set()

    async def run(self) -> None:
        """Connect, boot and stay connected until cancelled."""
        try:
            await self.connection.run()
        finally:
            self.cancel_background()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["SimulatedStation"]:
        """Run in the background while the context lasts."""
        task = asyncio.create_task(self.run())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def __getitem__(self, number: int) -> Connector:
        """Return a connector; raises LookupError for a number the station does not have."""
        connector = self.find(number)
        if connector is None:
            raise LookupError(f"{self.config.identity} has no connector {number}")
        return connector
