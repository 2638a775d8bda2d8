"""Live updates: who waits for an aggregate's events is woken when there are new ones, and reads the rows itself.

One connection a process listens (`LISTEN voltlane_events`); everything else is fan-out in memory, so an idle waiter
holds no database connection. A watch remembers only the highest sequence number announced for each of its
aggregates: a slow consumer is woken once for many events and reads what it missed by `events_after`. NOTIFY is a
wake-up, never the truth: after a lost connection every watch is woken, so nothing that happened meanwhile is missed.

To miss nothing: attach the watch first, read the present state second, wait third.
"""

import asyncio
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.events import NOTIFY_CHANNEL, parse_notice

_log = structlog.get_logger(__name__)
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_PROBE_SECONDS = 15.0
_PROBE_TIMEOUT = 10.0
_OF_SQLALCHEMY = frozenset({"prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn"})

UNKNOWN_SEQUENCE = 0
"""What a wake-up says where the listener cannot know whether anything happened: look for yourself."""


class Watch:
    """One waiter for the events of some aggregates. Use it from one task at a time."""

    def __init__(self, aggregate_ids: frozenset[UUID]) -> None:
        self.aggregate_ids = aggregate_ids
        self._announced: dict[UUID, int] = {}
        self._awake = asyncio.Event()

    def announce(self, aggregate_id: UUID, seq: int) -> None:
        """Note that an aggregate has an event with this number."""
        self._announced[aggregate_id] = max(seq, self._announced.get(aggregate_id, UNKNOWN_SEQUENCE))
        self._awake.set()

    def announce_all(self) -> None:
        """Note that anything may have happened."""
        for aggregate_id in self.aggregate_ids:
            self.announce(aggregate_id, UNKNOWN_SEQUENCE)

    async def changed(self) -> dict[UUID, int]:
        """Wait until something was announced; return the highest number by aggregate and forget it."""
        await self._awake.wait()
        announced, self._announced = self._announced, {}
        self._awake.clear()
        return announced


class LiveUpdates:
    """The process's listener and its watches. The connection is its own, none of the engine's pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        _, arguments = engine.dialect.create_connect_args(engine.url)
        self._connect_arguments = {name: value for name, value in arguments.items() if name not in _OF_SQLALCHEMY}
        self._watches: dict[UUID, set[Watch]] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; returns at once, the connection is made and kept in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen_for_ever(), name="live-updates")

    async def stop(self) -> None:
        """Close the connection. Watches are not woken any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def listening(self) -> None:
        """Wait until the connection listens."""
        await self._listening.wait()

    @property
    def watch_count(self) -> int:
        """How many watches are attached."""
        return len({watch for watches in self._watches.values() for watch in watches})

    @contextmanager
    def watch(self, aggregate_ids: Iterable[UUID]) -> Iterator[Watch]:
        """Attach a watch for the duration of the block."""
        watch = Watch(frozenset(aggregate_ids))
        for aggregate_id in watch.aggregate_ids:
            self._watches.setdefault(aggregate_id, set()).add(watch)
        try:
            yield watch
        finally:
            for aggregate_id in watch.aggregate_ids:
                remaining = self._watches[aggregate_id]
                remaining.discard(watch)
                if not remaining:
                    del self._watches[aggregate_id]

    async def _listen_for_ever(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                connection = await asyncpg.connect(**self._connect_arguments)
            except Exception as error:  # whatever it is, waiters depend on the next attempt
                _log.warning("live_updates_cannot_connect", error=str(error), retry_seconds=pause)
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  spreads the processes' attempts
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            try:
                await self._listen(connection)
            except Exception as error:  # as above
                _log.warning("live_updates_lost", error=str(error))
            finally:
                self._listening.clear()
                connection.terminate()
            pause = _FIRST_PAUSE
            await asyncio.sleep(pause)

    async def _listen(self, connection: Any) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(NOTIFY_CHANNEL, self._heard)
        self._wake_all()
        self._listening.set()
        while not lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), _PROBE_SECONDS)
            if not lost.is_set():  # a dead peer sends nothing: ask it
                await connection.execute("select 1", timeout=_PROBE_TIMEOUT)

    def _heard(self, _: Any, __: int, ___: str, payload: Any) -> None:
        try:
            notice = parse_notice(str(payload))
        except ValueError:
            _log.warning("live_updates_unreadable_notice")
            return
        for watch in self._watches.get(notice.aggregate_id, ()):
            watch.announce(notice.aggregate_id, notice.seq)

    def _wake_all(self) -> None:
        for watch in {watch for watches in self._watches.values() for watch in watches}:
            watch.announce_all()
