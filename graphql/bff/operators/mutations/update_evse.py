"""`updateEvse`: which charger serves a charging point, its code, power and connectors."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.errors import (
    ChargerElsewhereError,
    EvseBusyError,
    EvseCodeTakenError,
    EvseNumberTakenError,
)
from app.domain.stations.admin.update_evse import update_evse
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.evse_input import EvseFieldsInput, NumberedConnectorInput
from bff.operators.types.network import AdminEvse, evse_by_id


@strawberry.input
class UpdateEvseInput:
    """Which charging point, and what is said of it. Connectors are added or changed by number, never removed."""

    id: strawberry.ID
    fields: EvseFieldsInput | None = None
    connectors: list[NumberedConnectorInput] = strawberry.field(default_factory=list)


@payload(EvseCodeTakenError, EvseNumberTakenError, ChargerElsewhereError, EvseBusyError)
class UpdateEvsePayload:
    """The charging point."""

    evse: AdminEvse | None = None


@strawberry.type
class UpdateEvse:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def update_evse(info: Info, input: UpdateEvseInput) -> UpdateEvsePayload:  # noqa: A002
        """Change what is given. Its charger and number cannot change while somebody charges there."""
        context = info.context
        row = await update_evse(
            context.services.database,
            context.tenant_id,
            row_id(input.id, "AdminEvse", "id"),
            input.fields.fields() if input.fields else {},
            [connector.numbered() for connector in input.connectors],
            actor=await acting(info),
        )
        return UpdateEvsePayload(evse=await evse_by_id(context, row.id))
