"""`addIdToken`: a card, for a driver or for nobody yet."""

from datetime import datetime

import strawberry

from app.domain.drivers.errors import IdTokenTakenError
from app.domain.drivers.id_tokens import CardManager, NewIdToken, add_id_token
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.actor import acting
from bff.operators.ids import driver_row_id
from bff.operators.types.id_token import AdminIdToken


@strawberry.input
class AddIdTokenInput:
    """A card. `type` is one of OCPP 2.0.1's IdTokenEnumType."""

    uid: str
    driver_id: strawberry.ID | None = None
    label: str | None = None
    type: str = "ISO14443"
    expires_at: datetime | None = None
    free_of_charge: bool = False


@payload(IdTokenTakenError)
class AddIdTokenPayload:
    """The card."""

    id_token: AdminIdToken | None = None


@strawberry.type
class AddIdToken:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TOKENS))
    @staticmethod
    async def add_id_token(info: Info, input: AddIdTokenInput) -> AddIdTokenPayload:  # noqa: A002
        """Add a card."""
        context = info.context
        given = NewIdToken(
            uid=input.uid,
            driver_id=driver_row_id(input.driver_id, "driverId"),
            label=input.label,
            type=input.type,
            expires_at=input.expires_at,
            free_of_charge=input.free_of_charge,
        )
        manager = CardManager(admin=await acting(info))
        view = await add_id_token(context.services.database, context.tenant_id, given, manager=manager)
        return AddIdTokenPayload(id_token=AdminIdToken.of(view))
