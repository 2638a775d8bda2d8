"""The station's end of one WebSocket connection, on the `ocpp` package's ChargePoint.

The package routes, converts and correlates messages; added here are the journal, calls that end with the
connection, and the ways in which a station can fall silent. Its schema validation is off: it costs most of
the time, and a simulator must also be able to send what breaks the schema. Incoming calls are answered one
after another; what a command sets in motion starts after its answer has left, as in a charger.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ocpp.charge_point import ChargePoint
from ocpp.exceptions import GenericError, UnknownCallErrorCodeError
from ocpp.messages import Call
from ocpp.routing import on
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ocpp_bridge.simulator.journal import Frame

if TYPE_CHECKING:
    from ocpp_bridge.simulator.core import StationCore

Handler = TypeVar("Handler", bound=Callable[..., Any])

_STARTS = {"RemoteStartTransaction", "RequestStartTransaction"}
_STOPS = {"RemoteStopTransaction", "RequestStopTransaction"}
_LINGER_S = 0.1

_on: Any = on  # the package is untyped


def handles(action: str) -> Callable[[Handler], Handler]:
    """Mark the handler of an action: the package's `on`, typed and without validation."""
    return cast("Callable[[Handler], Handler]", _on(action, skip_schema_validation=True))


class Endpoint(ChargePoint):
    """Handles the CSMS's calls on one connection and makes the station's own."""

    def __init__(self, station: "StationCore", connection: ClientConnection) -> None:
        """Serve `station` on an open `connection`."""
        super().__init__(station.config.identity, connection, station.config.response_timeout_s)  # type: ignore[no-untyped-call]
        self.station = station
        self.connection = connection
        self._follow_ups: list[Callable[[], None]] = []
        self._unanswered: set[str] = set()

    def afterwards(self, follow_up: Callable[[], None]) -> None:
        """Do something once the answer to the call in hand has been sent."""
        self._follow_ups.append(follow_up)

    async def ask(self, payload: object, message_id: str | None = None) -> Any:
        """Make a call and return the package's call_result.

        Raises OCPPError for a CALLERROR, TimeoutError without an answer in time, ConnectionError when the
        connection ends.
        """
        call = asyncio.ensure_future(
            self.call(payload, suppress=False, unique_id=message_id, skip_schema_validation=True)  # type: ignore[no-untyped-call]
        )
        closed = asyncio.ensure_future(self.connection.wait_closed())
        try:
            done, _ = await asyncio.wait({call, closed}, return_when=asyncio.FIRST_COMPLETED)
            if call not in done:
                raise ConnectionError("connection lost before the answer")
            return call.result()
        except ConnectionClosed as error:
            raise ConnectionError("connection lost") from error
        except UnknownCallErrorCodeError as error:
            raise GenericError(str(error)) from error  # type: ignore[no-untyped-call]
        finally:
            call.cancel()
            closed.cancel()

    async def route_message(self, raw_msg: str) -> None:
        """Journal and handle one incoming frame."""
        self.station.journal.record("received", raw_msg)
        await super().route_message(raw_msg)  # type: ignore[no-untyped-call]
        self.station.pulse.beat()

    async def _handle_call(self, msg: Call) -> None:
        self._follow_ups = []
        if self._stays_silent(msg.action):
            self._unanswered.add(str(msg.unique_id))
        await super()._handle_call(msg)  # type: ignore[no-untyped-call]
        follow_ups, self._follow_ups = self._follow_ups, []
        for follow_up in follow_ups:
            follow_up()

    async def _send(self, message: str) -> None:
        station = self.station
        await station.speaking.wait()
        if self._withheld(message):
            return
        frame = station.journal.record("sent", message)
        await self.connection.send(message)
        station.pulse.beat()
        if frame is not None and station.loses_answer_to(frame):
            await self._cut_before_answer()

    def _stays_silent(self, action: str) -> bool:
        behaviour = self.station.behaviour
        return (behaviour.never_answer_remote_start and action in _STARTS) or (
            behaviour.never_answer_remote_stop and action in _STOPS
        )

    def _withheld(self, message: str) -> bool:
        if not self._unanswered:
            return False
        for message_id in self._unanswered:
            if message.startswith((f'[3,"{message_id}"', f'[4,"{message_id}"')):
                self._unanswered.discard(message_id)
                return True
        return False

    async def _cut_before_answer(self) -> None:
        # Reading stops first, so that the answer cannot slip in while the kernel still sends the frame.
        self.connection.transport.pause_reading()
        await asyncio.sleep(_LINGER_S)
        self.connection.transport.abort()


def is_start(frame: Frame) -> bool:
    """Tell whether a sent frame begins a transaction at the CSMS."""
    if frame.kind != "call":
        return False
    if frame.action == "TransactionEvent":
        return bool(frame.payload.get("eventType") == "Started")
    return frame.action == "StartTransaction"
