"""`me`: who is signed in."""

import strawberry

from app.domain.drivers.profile import get_profile
from bff.access import DriverField
from bff.accounts.types import Driver
from bff.context import Info
from bff.fields import query


@strawberry.type
class AccountQueries:
    """The query."""

    @query(DriverField())
    @staticmethod
    async def me(info: Info) -> Driver:
        """Return the signed-in driver or guest."""
        context = info.context
        return Driver.of(await get_profile(context.services.database, context.tenant_id, context.driver_id))
