"""An entry of the audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from app.db.tables import AuditEntry as AuditRow


@strawberry.type
class AuditEntry(relay.Node):
    """Who did what, with which input. Secrets were left out when it was written."""

    id: relay.NodeID[UUID]
    actor: str
    operation: str
    subject: str | None
    input: JSON
    outcome: str
    request_id: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: AuditRow) -> "AuditEntry":
        """Return an entry."""
        given: Any = row.input
        return cls(
            id=row.id,
            actor=row.actor,
            operation=row.operation,
            subject=row.subject,
            input=given,
            outcome=row.outcome,
            request_id=row.request_id,
            created_at=row.created_at,
        )
