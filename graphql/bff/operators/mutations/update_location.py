"""`updateLocation`: what is known of a location."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.update_location import update_location
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.location_input import LocationFieldsInput
from bff.operators.types.network import AdminLocation


@strawberry.input
class UpdateLocationInput:
    """Which location, and what is said of it."""

    id: strawberry.ID
    fields: LocationFieldsInput


@payload()
class UpdateLocationPayload:
    """The location."""

    location: AdminLocation | None = None


@strawberry.type
class UpdateLocation:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def update_location(info: Info, input: UpdateLocationInput) -> UpdateLocationPayload:  # noqa: A002
        """Change what is given. Of a location from a register, the next import may say otherwise."""
        services = info.context.services
        row = await update_location(
            services.database,
            info.context.tenant_id,
            services.clock,
            row_id(input.id, "AdminLocation", "id"),
            input.fields.fields(),
            actor=await acting(info),
        )
        return UpdateLocationPayload(location=AdminLocation.of(row))
