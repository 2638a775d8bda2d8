"""A connection of its own to PostgreSQL that listens, and holds the lock by which others know that this process lives.

It is kept up: after a loss it connects anew, takes the lock and the channels again and says so. NOTIFY only wakes;
whoever waits for one also looks at the rows.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

from app.db.uow import Database

_log = structlog.get_logger(__name__)
_RETRY_SECONDS = 0.5
_PROBE_SECONDS = 5.0

OnNotice = Callable[[str], None]

LOCK_KEY = "select hashtextextended('voltlane ocpp node ' || $1, 0)"


class Listener:
    """Listens to channels for as long as the process lives."""

    def __init__(self, database: Database, *, lock: str | None = None) -> None:
        """Connect as `database` does; hold the advisory lock of the node named `lock`, if any."""
        _, self._options = database.engine.dialect.create_connect_args(database.engine.url)
        self._lock = lock
        self._channels: dict[str, OnNotice] = {}
        self._connection: asyncpg.Connection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self.on_reconnect: Callable[[], Awaitable[None]] | None = None

    def listen(self, channel: str, on_notice: OnNotice) -> None:
        """Call `on_notice` with the payload of each notice on a channel. Before `start`."""
        self._channels[channel] = on_notice

    async def start(self) -> None:
        """Connect; returns when listening and, where asked for, locked."""
        self._task = asyncio.create_task(self._run())
        connected = asyncio.create_task(self._connected.wait())
        await asyncio.wait({self._task, connected}, return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """Disconnect, which frees the lock."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._close()

    async def _run(self) -> None:
        again = False
        while True:
            try:
                await self._connect()
                self._connected.set()
                if again and self.on_reconnect is not None:
                    await self.on_reconnect()
                again = True
                await self._watch()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not self._connected.is_set():
                    raise
                _log.warning("ocpp.listener_lost", why=str(error)[:200])
            await self._close()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(**self._options)
        if self._lock is not None:
            key = await self._connection.fetchval(LOCK_KEY, self._lock)
            await self._connection.execute("select pg_advisory_lock_shared($1)", key)
        for channel, on_notice in self._channels.items():
            await self._connection.add_listener(channel, _adapt(on_notice))

    async def _watch(self) -> None:
        while self._connection is not None and not self._connection.is_closed():
            await asyncio.sleep(_PROBE_SECONDS)
            await self._connection.execute("select 1")

    async def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.terminate()


def _adapt(on_notice: OnNotice) -> Callable[[Any, int, str, Any], None]:
    def call(_connection: Any, _pid: int, _channel: str, payload: Any) -> None:
        on_notice(str(payload))

    return call
