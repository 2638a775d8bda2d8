"""Incidents: what the program must not decide alone, one row per cause however often it is met."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.charging.tables import Incident, IncidentKind
from app.kit.ids import new_id


async def open_incident(
    uow: UnitOfWork,
    kind: IncidentKind,
    dedupe_key: str,
    detail: dict[str, Any],
    *,
    charger_id: UUID | None = None,
    session_id: UUID | None = None,
) -> UUID:
    """Open an incident unless one with this key exists; return its id."""
    key = f"{kind.value}:{dedupe_key}"
    statement = insert(Incident).values(
        id=new_id(),
        tenant_id=uow.tenant_id,
        kind=kind,
        dedupe_key=key,
        detail=detail,
        charger_id=charger_id,
        session_id=session_id,
    )
    await uow.session.execute(statement.on_conflict_do_nothing(index_elements=["tenant_id", "dedupe_key"]))
    incident_id = await uow.session.scalar(select(Incident.id).where(Incident.dedupe_key == key))
    if incident_id is None:
        raise RuntimeError("an incident vanished inside its transaction")
    return incident_id
