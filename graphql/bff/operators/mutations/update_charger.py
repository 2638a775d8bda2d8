"""`updateCharger`: where a charger stands, and whether it belongs to the network."""

from typing import cast

import strawberry
from strawberry import Maybe

from app.domain.operators.permissions import Permission
from app.domain.stations.admin.errors import ChargerElsewhereError
from app.domain.stations.admin.update_charger import ChargerFields, update_charger
from app.domain.stations.states import RegistrationStatus
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import optional_row_id, row_id
from bff.operators.actor import acting
from bff.operators.inputs import said
from bff.operators.types.charger import Charger


@strawberry.input
class UpdateChargerInput:
    """Which charger, and what is said of it; what is absent stays as it is.

    `registration` accepts or rejects a charger that registered itself; it hears of it at its next BootNotification.
    """

    id: strawberry.ID
    location_id: Maybe[strawberry.ID | None] = None
    registration: Maybe[RegistrationStatus] = None
    allow_missing_subprotocol: Maybe[bool] = None

    def fields(self) -> ChargerFields:
        """Return what is said. Raises NotFoundError."""
        found = cast(ChargerFields, said(self, "registration", "allow_missing_subprotocol"))
        if self.location_id is not None:
            found["location_id"] = optional_row_id(self.location_id.value, "AdminLocation", "locationId")
        return found


@payload(ChargerElsewhereError)
class UpdateChargerPayload:
    """The charger."""

    charger: Charger | None = None


@strawberry.type
class UpdateCharger:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def update_charger(info: Info, input: UpdateChargerInput) -> UpdateChargerPayload:  # noqa: A002
        """Change what is given."""
        context = info.context
        row = await update_charger(
            context.services.database,
            context.tenant_id,
            row_id(input.id, "Charger", "id"),
            input.fields(),
            actor=await acting(info),
        )
        return UpdateChargerPayload(charger=Charger.of(row))
