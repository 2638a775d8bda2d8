"""A driver as operators see one: who it is, never how they sign in."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.drivers.tables import Driver, DriverKind
from app.domain.operators.permissions import Permission, has_permission
from bff.context import Context
from bff.operators.loaders import admin_loaders


@strawberry.type
class AdminDriver(relay.Node):
    """A driver or guest."""

    id: relay.NodeID[UUID]
    kind: DriverKind
    email: str | None
    name: str | None
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, row: Driver) -> "AdminDriver":
        """Return a driver."""
        return cls(
            id=row.id,
            kind=row.kind,
            email=row.email,
            name=row.name,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )


async def driver_for(context: Context, driver_id: UUID | None) -> AdminDriver | None:
    """Return a driver where the caller may see drivers, else None."""
    if driver_id is None or not has_permission(context.caller, Permission.VIEW_DRIVERS):
        return None
    row = await admin_loaders(context).drivers.load(driver_id)
    return AdminDriver.of(row) if row else None
