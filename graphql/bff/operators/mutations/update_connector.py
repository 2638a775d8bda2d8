"""`updateConnector`: plug, format and power of a connector."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.update_connector import update_connector
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.evse_input import ConnectorFieldsInput
from bff.operators.types.network import AdminConnector


@strawberry.input
class UpdateConnectorInput:
    """Which connector, and what is said of it."""

    id: strawberry.ID
    fields: ConnectorFieldsInput


@payload()
class UpdateConnectorPayload:
    """The connector."""

    connector: AdminConnector | None = None


@strawberry.type
class UpdateConnector:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def update_connector(info: Info, input: UpdateConnectorInput) -> UpdateConnectorPayload:  # noqa: A002
        """Change what is given."""
        context = info.context
        row = await update_connector(
            context.services.database,
            context.tenant_id,
            row_id(input.id, "AdminConnector", "id"),
            input.fields.fields(),
            actor=await acting(info),
        )
        return UpdateConnectorPayload(connector=AdminConnector.of(row))
