"""Keeps a station connected: dial, boot, serve, and after a cut dial again with a growing, jittered back-off.

A station boots once after power-up or reset; a new connection alone announces only the connectors' status
(1.6 section 4.2, 2.0.1 B01), unless its behaviour says otherwise. Nothing but BootNotification leaves before
the CSMS accepted the boot. A heartbeat that goes unanswered ends the connection, for a dead peer does not
close its socket.
"""

import asyncio
import logging
from contextlib import suppress
from functools import partial
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from ocpp.exceptions import OCPPError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from ocpp_bridge.simulator.outbox import Message

if TYPE_CHECKING:
    from ocpp_bridge.simulator.core import StationCore
    from ocpp_bridge.simulator.endpoint import Endpoint

_LOG = logging.getLogger("voltlane.simulator")
_RANDOM = SystemRandom()
_DEFAULT_INTERVAL_S = 30
_CLOSE_TIMEOUT_S = 2
_BREAKS = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError, OCPPError, EOFError)


class ConnectionLoop:
    """One station's connection to its CSMS, over and over."""

    def __init__(self, station: "StationCore") -> None:
        """Serve `station`, which boots on its first connection."""
        self._station = station
        self.accepted = False
        self.boot_reason: str | None = "PowerUp"
        self.refusal: int | None = None
        """HTTP status of the last refused handshake; None after an accepted one."""
        self.connections = 0
        self._endpoint: Endpoint | None = None
        self._interval_s: float = _DEFAULT_INTERVAL_S
        self._failures = 0
        self._away_until = 0.0
        self._closed = asyncio.Event()
        self._closed.set()

    async def run(self) -> None:
        """Connect and serve until cancelled."""
        while True:
            await asyncio.sleep(max(self._away_until - asyncio.get_running_loop().time(), 0))
            try:
                await self._connect()
            except* InvalidStatus as refused:
                self._note_refusal(refused.exceptions[0])
            except* _BREAKS as broken:
                _LOG.info("%s: disconnected: %s", self._station.config.identity, broken.exceptions[0])
            except* Exception:
                _LOG.exception("%s: connection failed", self._station.config.identity)
            await asyncio.sleep(self._backoff_s())

    async def ask(self, payload: object) -> Any:
        """Make a call now; raises ConnectionError when the station is not online."""
        if self._endpoint is None or not self.accepted:
            raise ConnectionError("not connected")
        return await self._endpoint.ask(payload)

    async def cut(self, offline_for_s: float) -> None:
        """Break the connection and return when it is down; the next one comes after `offline_for_s` at the
        earliest.
        """
        self._away_until = asyncio.get_running_loop().time() + offline_for_s
        if self._endpoint is not None:
            self.accepted = False
            self._endpoint.connection.transport.abort()
        await self._closed.wait()

    def pause_reading(self) -> None:
        """Leave what arrives unread, pings included."""
        if self._endpoint is not None:
            self._endpoint.connection.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self._endpoint is not None and not self._endpoint.connection.transport.is_closing():
            self._endpoint.connection.transport.resume_reading()

    async def _connect(self) -> None:
        config, dialect = self._station.config, self._station.dialect
        dial = connect(
            config.url,
            subprotocols=[Subprotocol(dialect.subprotocol)],
            additional_headers=config.headers,
            compression=None,
            ping_interval=None,
            close_timeout=_CLOSE_TIMEOUT_S,
            proxy=None,
        )
        async with dial as connection:
            self.refusal = None
            self.connections += 1
            try:
                await self._serve(connection)
            finally:
                await connection.close(CloseCode.GOING_AWAY)

    async def _serve(self, connection: ClientConnection) -> None:
        endpoint = self._station.dialect.endpoint(connection)
        self._endpoint = endpoint
        self._closed.clear()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(endpoint.start())  # type: ignore[no-untyped-call]
                await self._boot(endpoint)
                self._failures = 0
                self._announce()
                group.create_task(self._heartbeat(endpoint))
                group.create_task(self._send_queued(endpoint))
        finally:
            self.accepted = False
            self._endpoint = None
            self._station.outbox.drop_stale()
            self._closed.set()
            self._station.pulse.beat()

    async def _boot(self, endpoint: "Endpoint") -> None:
        reason = self.boot_reason
        if reason is None and self._station.behaviour.boot_on_reconnect:
            reason = "Unknown"
        while reason is not None:
            answer = await endpoint.ask(self._station.dialect.boot(reason))
            self._interval_s = answer.interval if answer.interval > 0 else _DEFAULT_INTERVAL_S
            if answer.status == "Accepted":
                self.boot_reason = reason = None
            else:
                await asyncio.sleep(self._interval_s)
        self.accepted = True

    def _announce(self) -> None:
        station = self._station
        for connector in station.connectors:
            connector.announced_status = (station.dialect.status_name(connector), connector.error_code)
        notices = station.dialect.statuses(station.clock.now())
        station.outbox.put_first(Message(partial(_same, notice), durable=False) for notice in notices)
        station.pulse.beat()

    async def _heartbeat(self, endpoint: "Endpoint") -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            with suppress(OCPPError):
                await endpoint.ask(self._station.dialect.heartbeat())

    async def _send_queued(self, endpoint: "Endpoint") -> None:
        station = self._station
        await station.outbox.run(
            endpoint,
            twice=lambda: station.behaviour.duplicate_messages,
            same_id=lambda: station.behaviour.resend_same_message_id,
        )

    def _note_refusal(self, error: BaseException) -> None:
        if isinstance(error, InvalidStatus):
            status = error.response.status_code
            if status != self.refusal:
                _LOG.warning("%s: refused with HTTP status %s", self._station.config.identity, status)
            self.refusal = status
        self._station.pulse.beat()

    def _backoff_s(self) -> float:
        config = self._station.config
        longest = min(config.reconnect_max_s, config.reconnect_first_s * (1 << min(self._failures, 16)))
        self._failures += 1
        return longest * _RANDOM.uniform(0.5, 1)


def _same(payload: object) -> object:
    return payload
