"""Tenants (brands): found by slug or by host, and the default one every installation starts with."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.tables import Tenant
from app.db.uow import Database
from app.kit.errors import NotFoundError
from app.kit.ids import new_id


async def ensure_default_tenant(database: Database, slug: str) -> UUID:
    """Create the default tenant where it is missing; return its id."""
    tenant_id = new_id()
    async with database.unit_of_work(tenant_id) as uow:
        await uow.session.execute(
            insert(Tenant)
            .values(
                id=tenant_id,
                slug=slug,
                name="Voltlane Demo",
                country="DE",
                time_zone="Europe/Berlin",
                locale="de",
                currency="EUR",
                seller_name="Voltlane Demo Network GmbH",
                seller_address="Musterstraße 1, 10115 Berlin, Germany",
                seller_vat_id="DE000000000",
                support_contact="support@voltlane.invalid",
            )
            .on_conflict_do_nothing(index_elements=["slug"])
        )
    return (await tenant_by_slug(database, slug)).id


async def tenant_by_slug(database: Database, slug: str) -> Tenant:
    """Return a tenant by its slug. Raises NotFoundError."""
    async with database.read(None) as session:
        tenant = await session.scalar(select(Tenant).where(Tenant.slug == slug))
    if tenant is None:
        raise NotFoundError(f"there is no brand {slug!r}", field="tenant")
    return tenant


async def tenant_by_host(database: Database, host: str) -> Tenant | None:
    """Return the tenant that serves under a host name, or None."""
    async with database.read(None) as session:
        return await session.scalar(select(Tenant).where(Tenant.hosts.contains([host.lower()])))


async def all_tenants(database: Database) -> Sequence[Tenant]:
    """Return every tenant, oldest first."""
    async with database.read(None) as session:
        return (await session.scalars(select(Tenant).order_by(Tenant.created_at))).all()
