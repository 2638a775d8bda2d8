"""Whether a charger is connected, and to which process. The newest socket wins: a generation number fences the older
ones.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.db.uow import Database, UnitOfWork
from app.domain.stations.states import EvseStatus, OcppVersion
from app.domain.stations.tables import Charger, Evse
from app.kit.clock import Clock


async def mark_connected(uow: UnitOfWork, clock: Clock, charger_id: UUID, *, node: str, version: OcppVersion) -> int:
    """Record a new socket; return its generation."""
    charger = await uow.session.get_one(Charger, charger_id, with_for_update=True)
    charger.generation += 1
    charger.connected = True
    charger.node = node
    charger.ocpp_version = version
    charger.connected_at = charger.last_seen_at = clock.now()
    await uow.record(charger, "charger.connected", {"generation": charger.generation, "version": version.value})
    return charger.generation


async def mark_disconnected(uow: UnitOfWork, clock: Clock, charger_id: UUID, *, generation: int) -> bool:
    """Record that a socket closed; False, and nothing changed, where a newer one took over.

    Its EVSEs become UNKNOWN: what they were is no longer known. Sessions go on; the charger may charge offline.
    """
    charger = await uow.session.get_one(Charger, charger_id, with_for_update=True)
    if charger.generation != generation or not charger.connected:
        return False
    charger.connected = False
    charger.node = None
    charger.disconnected_at = clock.now()
    await uow.record(charger, "charger.disconnected", {"generation": generation})
    evses = await uow.session.scalars(select(Evse).where(Evse.charger_id == charger_id).with_for_update())
    for evse in evses:
        evse.status = EvseStatus.UNKNOWN
        await uow.record(evse, "evse.status", {"status": EvseStatus.UNKNOWN.value, "at": clock.now().isoformat()})
    return True


async def mark_seen(database: Database, tenant_id: UUID, charger_ids: Sequence[UUID], at: datetime) -> None:
    """Record the last life sign of many chargers at once."""
    async with database.unit_of_work(tenant_id) as uow:
        await uow.session.execute(update(Charger).where(Charger.id.in_(charger_ids)).values(last_seen_at=at))
