"""`createLocation`: a location that no register names."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.create_location import create_location
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.actor import acting
from bff.operators.location_input import LocationFieldsInput
from bff.operators.types.network import AdminLocation


@payload()
class CreateLocationPayload:
    """The location."""

    location: AdminLocation | None = None


@strawberry.type
class CreateLocation:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def create_location(info: Info, input: LocationFieldsInput) -> CreateLocationPayload:  # noqa: A002
        """Add a location; name and position are needed, country and time zone are the brand's where absent."""
        services = info.context.services
        row = await create_location(
            services.database, info.context.tenant_id, services.clock, input.fields(), actor=await acting(info)
        )
        return CreateLocationPayload(location=AdminLocation.of(row))
