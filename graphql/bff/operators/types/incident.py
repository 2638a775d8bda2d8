"""Incidents and quarantined messages: what the program did not decide alone."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

import bff.operators.enums  # noqa: F401  registers the enums
from app.domain.charging.tables import Incident as IncidentRow
from app.domain.charging.tables import IncidentKind
from app.domain.charging.tables import QuarantinedMessage as QuarantinedRow
from app.kit.logging import redact
from bff.context import Context, Info
from bff.fields import computed
from bff.operators.loaders import admin_loaders
from bff.operators.types.charger import Charger

if TYPE_CHECKING:
    from bff.operators.types.session import AdminSession


async def charger_of(context: Context, charger_id: UUID | None) -> Charger | None:
    """Return the charger a row names."""
    row = await admin_loaders(context).chargers.load(charger_id) if charger_id else None
    return Charger.of(row) if row else None


@strawberry.type
class Incident(relay.Node):
    """Something that needs an operator's eye; open until it is resolved."""

    id: relay.NodeID[UUID]
    kind: IncidentKind
    detail: JSON
    created_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    row: strawberry.Private[IncidentRow]

    @classmethod
    def of(cls, row: IncidentRow) -> "Incident":
        """Return an incident, without tokens."""
        detail: Any = redact(row.detail)
        return cls(
            id=row.id,
            kind=row.kind,
            detail=detail,
            created_at=row.created_at,
            resolved_at=row.resolved_at,
            resolution=row.resolution,
            row=row,
        )

    @computed
    async def charger(self, info: Info) -> Charger | None:
        """The charger it is about."""
        return await charger_of(info.context, self.row.charger_id)

    @computed
    async def session(
        self, info: Info
    ) -> Annotated["AdminSession", strawberry.lazy("bff.operators.types.session")] | None:
        """The session it is about."""
        from bff.operators.types.session import AdminSession as Shown  # the two modules know each other

        row = await info.context.loaders.sessions.load(self.row.session_id) if self.row.session_id else None
        return Shown.of(row, info.context) if row else None


@strawberry.type
class QuarantinedMessage(relay.Node):
    """A charger's message that was acknowledged and could not be applied; never billed by the program."""

    id: relay.NodeID[UUID]
    action: str
    payload: JSON
    reason: str
    created_at: datetime
    row: strawberry.Private[QuarantinedRow]

    @classmethod
    def of(cls, row: QuarantinedRow) -> "QuarantinedMessage":
        """Return a message, without tokens."""
        payload: Any = redact(row.payload)
        return cls(id=row.id, action=row.action, payload=payload, reason=row.reason, created_at=row.created_at, row=row)

    @computed
    async def charger(self, info: Info) -> Charger | None:
        """The charger that sent it."""
        return await charger_of(info.context, self.row.charger_id)
