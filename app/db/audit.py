"""The audit log: every admin mutation leaves a row in the transaction of its effect."""

from typing import Any
from uuid import UUID

from app.db.tables import AuditEntry
from app.db.uow import UnitOfWork
from app.kit.logging import redact


def audit(
    uow: UnitOfWork,
    *,
    actor: str,
    operation: str,
    given: dict[str, Any],
    outcome: str = "OK",
    operator_id: UUID | None = None,
    subject: str | None = None,
    request_id: str | None = None,
) -> None:
    """Add an audit entry; secrets in the input are redacted."""
    uow.session.add(
        AuditEntry(
            operator_id=operator_id,
            actor=actor,
            operation=operation,
            subject=subject,
            input=redact(given),
            outcome=outcome,
            request_id=request_id,
        )
    )
