"""On whose behalf an admin change is made, for the audit log."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db.audit import audit
from app.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class AdminActor:
    """An operator (`label` is the e-mail address), or a command on the server without one."""

    label: str
    operator_id: UUID | None = None
    request_id: str | None = None

    def record(self, uow: UnitOfWork, operation: str, given: dict[str, Any], subject: UUID) -> None:
        """Add the audit entry of an effect in the same transaction."""
        audit(
            uow,
            actor=self.label,
            operation=operation,
            given=given,
            operator_id=self.operator_id,
            subject=str(subject),
            request_id=self.request_id,
        )


COMMAND_LINE = AdminActor("command-line")
