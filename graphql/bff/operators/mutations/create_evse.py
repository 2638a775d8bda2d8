"""`createEvse`: a charging point with its connectors."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.create_evse import create_evse
from app.domain.stations.admin.errors import ChargerElsewhereError, EvseCodeTakenError, EvseNumberTakenError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.evse_input import EvseFieldsInput, NumberedConnectorInput
from bff.operators.types.network import AdminEvse, evse_by_id


@strawberry.input
class CreateEvseInput:
    """Where, what, and with which connectors."""

    location_id: strawberry.ID
    fields: EvseFieldsInput
    connectors: list[NumberedConnectorInput]


@payload(EvseCodeTakenError, EvseNumberTakenError, ChargerElsewhereError)
class CreateEvsePayload:
    """The charging point."""

    evse: AdminEvse | None = None


@strawberry.type
class CreateEvse:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def create_evse(info: Info, input: CreateEvseInput) -> CreateEvsePayload:  # noqa: A002
        """Add a charging point to a location."""
        context = info.context
        row = await create_evse(
            context.services.database,
            context.tenant_id,
            row_id(input.location_id, "AdminLocation", "locationId"),
            input.fields.fields(),
            [connector.numbered() for connector in input.connectors],
            actor=await acting(info),
        )
        return CreateEvsePayload(evse=await evse_by_id(context, row.id))
