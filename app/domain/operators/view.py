"""An operator as others see one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.operators.tables import Operator, OperatorRole


@dataclass(frozen=True, slots=True)
class OperatorView:
    """An operator without secrets."""

    id: UUID
    email: str
    name: str
    role: OperatorRole
    created_at: datetime
    disabled_at: datetime | None


def view_of(operator: Operator) -> OperatorView:
    """Return what may be shown of an operator."""
    return OperatorView(
        id=operator.id,
        email=operator.email,
        name=operator.name,
        role=operator.role,
        created_at=operator.created_at,
        disabled_at=operator.disabled_at,
    )
