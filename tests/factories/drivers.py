"""Drivers and the cards they hold to a charger."""

from datetime import datetime
from uuid import UUID

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.drivers.tables import Driver, DriverKind, IdToken
from app.kit.clock import SystemClock


async def driver(
    database: Database, tenant: Tenant, *, kind: DriverKind = DriverKind.ACCOUNT, disabled: bool = False
) -> UUID:
    """Add a driver without an e-mail address; return the row's id."""
    async with database.unit_of_work(tenant.id) as uow:
        row = Driver(kind=kind, disabled_at=SystemClock().now() if disabled else None)
        uow.session.add(row)
        await uow.session.flush()
        return row.id


async def id_token(
    database: Database,
    tenant: Tenant,
    uid: str = "04A2B3C4D5",
    *,
    driver_id: UUID | None = None,
    blocked_at: datetime | None = None,
    expires_at: datetime | None = None,
    free_of_charge: bool = False,
) -> UUID:
    """Add a card; return the row's id."""
    async with database.unit_of_work(tenant.id) as uow:
        row = IdToken(
            uid=uid.upper(),
            driver_id=driver_id,
            blocked_at=blocked_at,
            expires_at=expires_at,
            free_of_charge=free_of_charge,
        )
        uow.session.add(row)
        await uow.session.flush()
        return row.id
