"""`updateIdToken`: whose a card is, and whether it charges free of charge."""

from datetime import datetime
from typing import cast

import strawberry
from strawberry import Maybe

from app.domain.operators.permissions import Permission
from app.domain.operators.update_id_token import IdTokenFields, update_id_token
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.ids import driver_row_id
from bff.operators.inputs import said
from bff.operators.types.id_token import AdminIdToken


@strawberry.input
class UpdateIdTokenInput:
    """Which card, and what is said of it; what is absent stays as it is. `driverId` null: nobody's."""

    id: strawberry.ID
    driver_id: Maybe[strawberry.ID | None] = None
    label: Maybe[str | None] = None
    expires_at: Maybe[datetime | None] = None
    free_of_charge: Maybe[bool] = None

    def fields(self) -> IdTokenFields:
        """Return what is said. Raises NotFoundError."""
        found = cast(IdTokenFields, said(self, "label", "expires_at", "free_of_charge"))
        if self.driver_id is not None:
            found["driver_id"] = driver_row_id(self.driver_id.value, "driverId")
        return found


@payload()
class UpdateIdTokenPayload:
    """The card."""

    id_token: AdminIdToken | None = None


@strawberry.type
class UpdateIdToken:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TOKENS))
    @staticmethod
    async def update_id_token(info: Info, input: UpdateIdTokenInput) -> UpdateIdTokenPayload:  # noqa: A002
        """Change what is given."""
        context = info.context
        row = await update_id_token(
            context.services.database,
            context.tenant_id,
            row_id(input.id, "AdminIdToken", "id"),
            input.fields(),
            actor=await acting(info),
        )
        return UpdateIdTokenPayload(id_token=AdminIdToken.of(row))
