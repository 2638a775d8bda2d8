"""An operator as operators see one."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

import bff.operators.enums  # noqa: F401  registers the enums
from app.domain.operators.permissions import ROLE_PERMISSIONS, Permission
from app.domain.operators.tables import OperatorRole
from app.domain.operators.view import OperatorView


@strawberry.type
class Operator(relay.Node):
    """A person who runs the brand's network."""

    id: relay.NodeID[UUID]
    email: str
    name: str
    role: OperatorRole
    permissions: list[Permission]
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, view: OperatorView) -> "Operator":
        """Return an operator."""
        return cls(
            id=view.id,
            email=view.email,
            name=view.name,
            role=view.role,
            permissions=sorted(ROLE_PERMISSIONS[view.role]),
            created_at=view.created_at,
            disabled_at=view.disabled_at,
        )
