"""`assignTariff`: where a tariff holds."""

import strawberry

from app.domain.operators.permissions import Permission
from app.domain.pricing.assign_tariff import TariffPlace, assign_tariff
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import optional_row_id
from bff.operators.actor import acting
from bff.operators.types.tariff import AdminTariff


@strawberry.input
class AssignTariffInput:
    """Which tariff (null: none, so that what lies further out holds), and exactly one place."""

    tariff_id: strawberry.ID | None = None
    connector_id: strawberry.ID | None = None
    location_id: strawberry.ID | None = None
    default: bool = False


@payload()
class AssignTariffPayload:
    """The tariff that holds there now; null where none was named."""

    tariff: AdminTariff | None = None


@strawberry.type
class AssignTariff:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TARIFFS))
    @staticmethod
    async def assign_tariff(info: Info, input: AssignTariffInput) -> AssignTariffPayload:  # noqa: A002
        """Assign a tariff to a connector, to a location, or as the brand's default."""
        context = info.context
        row = await assign_tariff(
            context.services.database,
            context.tenant_id,
            optional_row_id(input.tariff_id, "AdminTariff", "tariffId"),
            TariffPlace(
                connector_id=optional_row_id(input.connector_id, "AdminConnector", "connectorId"),
                location_id=optional_row_id(input.location_id, "AdminLocation", "locationId"),
                default=input.default,
            ),
            actor=await acting(info),
        )
        return AssignTariffPayload(tariff=AdminTariff.of(row) if row else None)
