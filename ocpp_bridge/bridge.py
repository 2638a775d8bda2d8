"""The OCPP bridge of one process: the sockets it holds, and all that works beside them.

`start` before the first socket, `drain` before the process ends. Between them every admitted socket is served by
`serve`, and
`gateway` sends commands to any charger of the installation.
"""

import asyncio
import os
import secrets
import socket as sockets
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.db.uow import Database, UnitOfWork
from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.inbound import Inbound
from app.domain.stations.connection import mark_connected, mark_disconnected
from app.kit.clock import Clock
from app.kit.settings import Settings
from ocpp_bridge.admission import Admission
from ocpp_bridge.commanding import carry_out
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.configure import Configurator
from ocpp_bridge.connection import GOING_AWAY, Connection, Socket
from ocpp_bridge.gateway import GatewayOverNotify
from ocpp_bridge.ingest import Ingest
from ocpp_bridge.listener import Listener
from ocpp_bridge.presence import DeadNodeSweep, LifeSigns, is_connected
from ocpp_bridge.raw_log import RawLog
from ocpp_bridge.registry import LocalRegistry
from ocpp_bridge.relay import notify
from ocpp_bridge.relay_owner import RelayOwner
from ocpp_bridge.station import Station
from ocpp_bridge.version import Version

_log = structlog.get_logger(__name__)
_TAKEN_OVER = "voltlane_ocpp_sockets"


def new_node_name() -> str:
    """Return a name for this process that no other and no later one has."""
    return f"{sockets.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Bridge:
    """Serves chargers in this process."""

    def __init__(
        self,
        database: Database,
        inbound: Inbound,
        settings: Settings,
        clock: Clock,
        *,
        node: str | None = None,
        config: BridgeConfig | None = None,
    ) -> None:
        """Work on `database` in the bridge's role; `config` is derived from `settings` where not given."""
        self.node = node or new_node_name()
        self.config = config or BridgeConfig.of(settings)
        self.draining = False
        self.registry = LocalRegistry()
        self.admission = Admission(database, self.config)
        self._database = database
        self._clock = clock
        self._ingest = Ingest(database, inbound, self.config)
        self._raw_log = RawLog(database)
        self._life_signs = LifeSigns(database)
        self._sweep = DeadNodeSweep(database, clock, own_node=self.node)
        self._listener = Listener(database, lock=self.node)
        self._listener.listen(_TAKEN_OVER, self._on_taken_over)
        self._listener.on_reconnect = self._show_connected
        self._owner = RelayOwner(database, self._listener, self.node, self._send_here)
        self._configurator = Configurator(database, clock, self.config)
        self.gateway = GatewayOverNotify(
            database,
            self._listener,
            send_here=self._send_here,
            owner_answer_seconds=self.config.owner_answer_seconds,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take the node's lock, show chargers of dead processes offline, begin the background work."""
        await self._listener.start()
        await self._sweep.sweep(at_once=True)
        self._raw_log.start()
        self._tasks = [
            asyncio.create_task(self._repeat(self.config.seen_flush_seconds, self._life_signs.flush)),
            asyncio.create_task(self._repeat(self.config.sweep_seconds, self._sweep_again)),
        ]

    async def drain(self) -> None:
        """Take no further socket, finish what chargers have sent, close their sockets, end the background work."""
        self.draining = True
        connections = list(self.registry)
        for connection in connections:
            connection.stop(GOING_AWAY, "the server restarts")
        if connections:
            waits = [asyncio.create_task(connection.released.wait()) for connection in connections]
            _, late = await asyncio.wait(waits, timeout=self.config.drain_seconds + 5)
            for wait in late:
                wait.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._configurator.stop()
        await self._owner.stop()
        await self._life_signs.flush()
        await self._raw_log.stop()
        await self._listener.stop()

    async def serve(self, station: Station, version: Version, socket: Socket) -> None:
        """Serve an accepted socket until it ends. The charger's older socket ends first, its messages finished."""
        connection = Connection(
            station,
            version,
            socket,
            ingest=self._ingest,
            observer=self,
            config=self.config,
            clock=self._clock,
        )
        try:
            async with self.registry.turn(station.charger_id):
                await self._supersede(station)
                station.generation = await self._database.transact(
                    station.ref.tenant_id, lambda uow: self._connect(uow, station)
                )
                self.registry.attach(connection)
            _log.info("ocpp.connected", charger=station.ref.identity, version=version.name.value)
            self._configurator.connected(connection)
            await connection.run()
        except Exception:
            _log.exception("ocpp.connection_failed", charger=station.ref.identity)
            await socket.close(1011, "internal error")
        finally:
            await asyncio.shield(self._release(connection))

    def frame(self, station: Station, text: str, *, incoming: bool, at: datetime) -> None:
        """Log a frame (see connection.Observer)."""
        self._raw_log.add(station, text, incoming=incoming, at=at)

    def alive(self, station: Station, at: datetime) -> None:
        """Note a life sign (see connection.Observer)."""
        self._life_signs.note(station, at)

    def booted(self, connection: Connection) -> None:
        """Configure a charger whose boot was accepted (see connection.Observer)."""
        self._configurator.booted(connection)

    async def _connect(self, uow: UnitOfWork, station: Station) -> int:
        generation = await mark_connected(
            uow, self._clock, station.charger_id, node=self.node, version=station.ref.version
        )
        await notify(uow, _TAKEN_OVER, f"{station.charger_id} {generation}")
        return generation

    async def _supersede(self, station: Station) -> None:
        older = self.registry.get(station.charger_id)
        if older is None:
            return
        older.stop(GOING_AWAY, "the charger connected anew")
        try:
            async with asyncio.timeout(self.config.drain_seconds):
                await older.ended.wait()
        except TimeoutError:
            _log.warning("ocpp.old_socket_lingers", charger=station.ref.identity)

    async def _release(self, connection: Connection) -> None:
        """Note the end of a socket; where a newer one took over this changes nothing."""
        station = connection.station
        self._configurator.ended(connection)
        self.registry.detach(connection)
        try:
            if station.generation:
                await self._database.transact(station.ref.tenant_id, lambda uow: self._disconnect(uow, station))
        except (SQLAlchemyError, OSError, TimeoutError):
            _log.exception("ocpp.disconnect_not_stored", charger=station.ref.identity)
        finally:
            connection.released.set()
        _log.info("ocpp.disconnected", charger=station.ref.identity)

    async def _disconnect(self, uow: UnitOfWork, station: Station) -> bool:
        return await mark_disconnected(uow, self._clock, station.charger_id, generation=station.generation)

    async def _send_here(self, charger_id: UUID, command: Command, timeout_seconds: float) -> CommandOutcome | None:
        connection = self.registry.get(charger_id)
        if connection is None:
            return None
        return await carry_out(connection, command, timeout_seconds, database=self._database, now=self._clock.now())

    def _on_taken_over(self, payload: str) -> None:
        """Close our socket of a charger that has a newer one in another process."""
        charger, _, generation = payload.partition(" ")
        try:
            connection = self.registry.get(UUID(charger))
            newer = int(generation)
        except ValueError:
            _log.warning("ocpp.strange_notice", payload=payload[:80])
            return
        if connection is not None and connection.station.generation < newer:
            connection.stop(GOING_AWAY, "the charger connected elsewhere")

    async def _show_connected(self) -> None:
        """After the lock was lost for a while: sockets that others took for dead are dropped, and come back by
        themselves.
        """
        for connection in self.registry:
            station = connection.station

            async def still_ours(uow: UnitOfWork, station: Station = station) -> bool:
                return await is_connected(uow, station.charger_id, generation=station.generation)

            if not await self._database.transact(station.ref.tenant_id, still_ours):
                connection.stop(GOING_AWAY, "please connect anew")

    async def _sweep_again(self) -> None:
        await self._sweep.sweep()

    async def _repeat(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await action()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("ocpp.background_work_failed", why=str(error)[:200])
