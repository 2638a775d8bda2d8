"""Which brand a request is for: named by header or host, else by its token, else the installation's default.

Tenants change rarely and every request needs one, so they are read together and kept for a short time.
"""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from app.db.tables import Tenant
from app.db.tenants import all_tenants
from app.db.uow import Database
from app.kit.errors import NotFoundError

BRAND_HEADER = "voltlane-brand"
_KEEP_SECONDS = 30.0
_ASK_AGAIN_SECONDS = 1.0


class UnknownBrandError(NotFoundError):
    """The request names a brand that this installation does not have."""

    code = "UNKNOWN_BRAND"


class TenantDirectory:
    """The tenants of this installation, read again when old or when one is missing (at most once a second)."""

    def __init__(self, database: Database, default_slug: str) -> None:
        self._database = database
        self._default_slug = default_slug
        self._tenants: Sequence[Tenant] = ()
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def named(self, brand: str | None, host: str) -> Tenant | None:
        """Return the tenant a header or a host names; None where neither does. Raises UnknownBrandError."""
        if brand:
            found = await self._find(lambda tenant: tenant.slug == brand)
            if found is None:
                raise UnknownBrandError("there is no such brand", field=BRAND_HEADER)
            return found
        name = host.rsplit(":", 1)[0].lower()
        await self._refresh(_KEEP_SECONDS)
        return next((tenant for tenant in self._tenants if name in tenant.hosts), None)

    async def by_id(self, tenant_id: UUID) -> Tenant | None:
        """Return a tenant by its id."""
        return await self._find(lambda tenant: tenant.id == tenant_id)

    async def default(self) -> Tenant:
        """Return the tenant for requests that name none."""
        found = await self._find(lambda tenant: tenant.slug == self._default_slug)
        if found is None:
            raise UnknownBrandError("the default brand does not exist")
        return found

    async def _find(self, wanted: Callable[[Tenant], bool]) -> Tenant | None:
        await self._refresh(_KEEP_SECONDS)
        found = next((tenant for tenant in self._tenants if wanted(tenant)), None)
        if found is None:
            await self._refresh(_ASK_AGAIN_SECONDS)
            found = next((tenant for tenant in self._tenants if wanted(tenant)), None)
        return found

    async def _refresh(self, older_than: float) -> None:
        clock = asyncio.get_running_loop().time
        if clock() - self._read_at <= older_than:
            return
        async with self._reading:
            if clock() - self._read_at > older_than:
                self._tenants = await all_tenants(self._database)
                self._read_at = clock()
