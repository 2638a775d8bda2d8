"""Which chargers are connected, as others see it: life signs in batches, and chargers of dead processes shown offline.

A process that holds sockets also holds an advisory lock of its node's name; PostgreSQL frees it when the process
dies, however it dies. Whoever sweeps marks the chargers of nodes without a lock as disconnected, after seeing the
lock free twice, so that a process that merely lost its database connection can take it again.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.uow import Database, UnitOfWork
from app.domain.stations.connection import mark_disconnected, mark_seen
from app.domain.stations.tables import Charger
from app.kit.clock import Clock
from ocpp_bridge.station import Station

_log = structlog.get_logger(__name__)
_LOCK_FREE = text(
    """
    select not exists (
        select 1 from pg_locks, (select hashtextextended('voltlane ocpp node ' || :node, 0) as key) as k
        where locktype = 'advisory' and objsubid = 1
            and database = (select oid from pg_database where datname = current_database())
            and classid = ((k.key >> 32) & 4294967295)::oid and objid = (k.key & 4294967295)::oid
    )
    """
)


@dataclass(frozen=True, slots=True)
class _Orphan:
    tenant_id: UUID
    charger_id: UUID
    generation: int


class DeadNodeSweep:
    """Marks chargers of dead processes as disconnected."""

    def __init__(self, database: Database, clock: Clock, *, own_node: str | None = None) -> None:
        """Look as the bridge's role, which sees the chargers of all tenants."""
        self._database = database
        self._clock = clock
        self._own_node = own_node
        self._suspects: set[str] = set()

    async def sweep(self, *, at_once: bool = False) -> int:
        """Return how many chargers were marked; `at_once` trusts a single look (at start, when nobody reconnects)."""
        dead = await self._dead_nodes()
        confirmed = dead if at_once else dead & self._suspects
        self._suspects = dead - confirmed
        count = 0
        for node in confirmed:
            for orphan in await self._chargers_of(node):
                count += await self._disconnect(orphan)
        if count:
            _log.warning("ocpp.chargers_of_dead_processes", nodes=sorted(confirmed), chargers=count)
        return count

    async def _dead_nodes(self) -> set[str]:
        async with self._database.read(None) as session:
            nodes = (
                await session.scalars(
                    select(Charger.node).distinct().where(Charger.connected.is_(True), Charger.node.is_not(None))
                )
            ).all()
            dead = set()
            for node in nodes:
                if node != self._own_node and await session.scalar(_LOCK_FREE, {"node": node}):
                    dead.add(str(node))
        return dead

    async def _chargers_of(self, node: str) -> Sequence[_Orphan]:
        async with self._database.read(None) as session:
            rows = await session.execute(
                select(Charger.tenant_id, Charger.id, Charger.generation).where(
                    Charger.connected.is_(True), Charger.node == node
                )
            )
            return [_Orphan(*row) for row in rows]

    async def _disconnect(self, orphan: _Orphan) -> bool:
        async def work(uow: UnitOfWork) -> bool:
            return await mark_disconnected(uow, self._clock, orphan.charger_id, generation=orphan.generation)

        return await self._database.transact(orphan.tenant_id, work)


class LifeSigns:
    """Collects when chargers were last heard of and stores it in batches, one statement a tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: defaultdict[UUID, set[UUID]] = defaultdict(set)
        self._at: datetime | None = None

    def note(self, station: Station, at: datetime) -> None:
        """Note a life sign."""
        self._seen[station.ref.tenant_id].add(station.charger_id)
        self._at = at

    async def flush(self) -> None:
        """Store the newest life signs."""
        seen, self._seen = self._seen, defaultdict(set)
        if self._at is None:
            return
        for tenant_id, chargers in seen.items():
            try:
                await mark_seen(self._database, tenant_id, sorted(chargers), self._at)
            except (SQLAlchemyError, OSError) as error:
                _log.warning("ocpp.life_signs_not_stored", why=str(error)[:200])


async def is_connected(uow: UnitOfWork, charger_id: UUID, *, generation: int) -> bool:
    """Whether a socket still counts as the charger's: nobody took over, and nobody took this process for dead."""
    found = await uow.session.scalar(
        select(Charger.id).where(
            Charger.id == charger_id, Charger.generation == generation, Charger.connected.is_(True)
        )
    )
    return found is not None
