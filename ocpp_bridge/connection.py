"""One charger's socket: a reader that never waits for the database, and a worker that handles the charger's
messages in order.

The queue between them is bounded: where the worker is slow, reading stops and TCP slows the charger down. Answers
to our own calls are matched by the reader, so they never queue behind messages. No frame ends the connection: what
cannot be read is answered with an error where the version has one, and counted.
"""

import asyncio
from datetime import datetime
from typing import Any, Protocol

import structlog

from app.kit.clock import Clock
from ocpp_bridge import frames
from ocpp_bridge.calls import OutgoingCalls
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.faults import Fault, RefusedCallError
from ocpp_bridge.ingest import Ingest
from ocpp_bridge.station import Station
from ocpp_bridge.version import Version

_log = structlog.get_logger(__name__)
_UNREADABLE_ID = "-1"
_BOOT = "BootNotification"
GOING_AWAY, UNRESPONSIVE = 1001, 1011


class Socket(Protocol):
    """The wire under a connection."""

    async def receive(self) -> str | None:
        """Return the next text message, or None when the socket has closed."""
        ...

    async def send(self, text: str) -> None:
        """Send a text message. Raises OSError where the socket is gone."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close; never raises."""
        ...


class Observer(Protocol):
    """Who wants to know what happens on connections."""

    def frame(self, station: Station, text: str, *, incoming: bool, at: datetime) -> None:
        """A frame went in or out."""
        ...

    def alive(self, station: Station, at: datetime) -> None:
        """The charger showed life."""
        ...

    def booted(self, connection: "Connection") -> None:
        """The charger's boot was accepted, and the answer is on its way."""
        ...


class Connection:
    """A charger's connection for as long as its socket lives."""

    def __init__(
        self,
        station: Station,
        version: Version,
        socket: Socket,
        *,
        ingest: Ingest,
        observer: Observer,
        config: BridgeConfig,
        clock: Clock,
    ) -> None:
        self.station = station
        self.version = version
        self.calls = OutgoingCalls(
            station.ref.identity,
            self._send,
            timeouts_before_drop=config.timeouts_before_drop,
            drop=lambda: self.stop(UNRESPONSIVE, "calls are not answered"),
        )
        self.ended = asyncio.Event()
        """Set when the last message is handled and the socket closed."""
        self.released = asyncio.Event()
        """Set when the end is stored as well."""
        self.reported_status = False
        self._socket = socket
        self._ingest = ingest
        self._observer = observer
        self._config = config
        self._clock = clock
        self._queue: asyncio.Queue[tuple[frames.Call | frames.Unreadable, datetime] | None] = asyncio.Queue(
            config.queue_frames
        )
        self._stop: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._last_life = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Serve until the socket closes, the charger falls silent or `stop` is called; then finish what came."""
        worker = asyncio.create_task(self._work())
        reader = asyncio.create_task(self._read())
        watch = asyncio.create_task(self._watch())
        try:
            ends: set[asyncio.Future[Any]] = {reader, self._stop, worker}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            reader.cancel()
            self.calls.end()
            await self._finish(worker)
            if self._stop.done():
                await self._socket.close(*self._stop.result())
            self.ended.set()
        for task in (reader, worker):
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def stop(self, code: int, reason: str) -> None:
        """End the connection: no further message is read, what was read is finished, then the socket is closed."""
        if not self._stop.done():
            self._stop.set_result((code, reason))

    async def _finish(self, worker: "asyncio.Task[None]") -> None:
        if not worker.done():
            try:
                async with asyncio.timeout(self._config.drain_seconds):
                    await self._queue.put(None)
                    await worker
            except TimeoutError:
                _log.warning("ocpp.drain_timed_out", charger=self.station.ref.identity, left=self._queue.qsize())
        worker.cancel()

    async def _watch(self) -> None:
        """Stop a socket that shows no life: any frame counts, pongs do not."""
        loop = asyncio.get_running_loop()
        while True:
            silence = loop.time() - self._last_life
            if silence >= self._config.idle_seconds:
                self.stop(GOING_AWAY, "no message for too long")
                return
            await asyncio.sleep(self._config.idle_seconds - silence)

    async def _read(self) -> None:
        while (text := await self._socket.receive()) is not None:
            at = self._clock.now()
            self._last_life = asyncio.get_running_loop().time()
            self._observer.alive(self.station, at)
            self._observer.frame(self.station, text, incoming=True, at=at)
            frame = frames.parse(text)
            match frame:
                case frames.CallResult():
                    self.calls.take_result(frame)
                case frames.CallError():
                    self.calls.take_error(frame)
                case frames.Unreadable(answers=str(message_id)):
                    self.calls.take_malformed(message_id, frame.description)
                case _:
                    await self._queue.put((frame, at))

    async def _work(self) -> None:
        while (item := await self._queue.get()) is not None:
            frame, at = item
            try:
                await (self._answer(frame, at) if isinstance(frame, frames.Call) else self._complain(frame))
            except OSError:
                _log.info("ocpp.answer_undeliverable", charger=self.station.ref.identity)

    async def _answer(self, call: frames.Call, at: datetime) -> None:
        try:
            payload = await self._ingest.answer(self.station, self.version, call, at)
            text = frames.encode_result(call.message_id, payload)
        except RefusedCallError as error:
            _log.info("ocpp.refused", charger=self.station.ref.identity, action=call.action[:60], why=error.description)
            text = frames.encode_error(call.message_id, self.version.error_code(error.fault), error.description)
            await self._send(text)
            return
        except Exception:
            _log.exception("ocpp.bug", charger=self.station.ref.identity, action=call.action[:60])
            text = frames.encode_error(call.message_id, self.version.error_code(Fault.INTERNAL), "")
            await self._send(text)
            return
        await self._send(text)
        self._follow(call, payload)

    def _follow(self, call: frames.Call, payload: frames.Payload) -> None:
        """Note what an answered message says about the charger's readiness."""
        if call.action == _BOOT:
            if payload.get("status") == "Accepted":
                self.calls.ready.set()
                self._observer.booted(self)
            else:
                self.calls.ready.clear()
        elif self.station.accepted:
            self.calls.ready.set()  # it speaks as one that was registered before
        if call.action == "StatusNotification":
            self.reported_status = True

    async def _complain(self, frame: frames.Unreadable) -> None:
        _log.warning("ocpp.unreadable", charger=self.station.ref.identity, why=frame.description)
        await self._ingest.note_unreadable(self.station, f"unreadable frame: {frame.description}")
        if frame.message_id is None and not self.version.answers_unreadable:
            return
        message_id = _UNREADABLE_ID if frame.message_id is None else frame.message_id
        await self._send(frames.encode_error(message_id, self.version.error_code(frame.fault), frame.description))

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(self._config.send_seconds):
                await self._socket.send(text)
        except TimeoutError:
            self.stop(UNRESPONSIVE, "the charger does not read")
            raise OSError("the charger does not read") from None
        self._observer.frame(self.station, text, incoming=False, at=self._clock.now())
