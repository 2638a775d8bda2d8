"""Every frame in and out as a row, secrets redacted, written in batches beside the traffic.

The log is evidence and for replay; nothing is decided by it, so frames of the last second may be lost in a crash.
Its memory is bounded: where the database does not keep up, the oldest frames go, and the number is logged.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.db.uow import Database, UnitOfWork
from app.kit.ids import new_id
from ocpp_bridge.frames import storable
from ocpp_bridge.redaction import redact_frame
from ocpp_bridge.station import Station
from ocpp_bridge.tables import RawFrame

_log = structlog.get_logger(__name__)
_BATCH = 500
_MOST_WAITING = 20_000
_PAUSE_SECONDS = 0.5


class RawLog:
    """The background writer of frames."""

    def __init__(self, database: Database) -> None:
        """Write as the bridge's role on `database`, which may log frames of any tenant."""
        self._database = database
        self._waiting: deque[dict[str, Any]] = deque()
        self._lost = 0
        self._task: asyncio.Task[None] | None = None

    def add(self, station: Station, text: str, *, incoming: bool, at: datetime) -> None:
        """Queue a frame."""
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(
            {
                "tenant_id": station.ref.tenant_id,
                "charger_id": station.charger_id,
                "incoming": incoming,
                "at": at,
                "frame": text,
            }
        )

    def start(self) -> None:
        """Begin writing."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write what waits and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.flush()

    async def flush(self) -> None:
        """Write everything that waits."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            for row in batch:
                row |= {"id": new_id(), "frame": storable(redact_frame(row["frame"]))}
            await self._write(batch)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                await self.flush()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("ocpp.frames_not_logged", why=str(error)[:200])
            if self._lost:
                _log.warning("ocpp.frames_dropped", count=self._lost)
                self._lost = 0

    async def _write(self, batch: Sequence[dict[str, Any]]) -> None:
        try:
            await self._insert(batch[0]["tenant_id"], batch)
        except IntegrityError:  # a charger was deleted meanwhile: its frames go, the others stay
            for row in batch:
                try:
                    await self._insert(row["tenant_id"], [row])
                except IntegrityError:
                    self._lost += 1

    async def _insert(self, tenant_id: UUID, batch: Sequence[dict[str, Any]]) -> None:
        async def work(uow: UnitOfWork) -> None:
            await uow.session.execute(insert(RawFrame.__table__), list(batch))  # type: ignore[arg-type]

        await self._database.transact(tenant_id, work)
