"""`removeIdToken`: a card that never charged is deleted."""

import strawberry

from app.domain.drivers.errors import IdTokenInUseError
from app.domain.drivers.id_tokens import CardManager, remove_id_token
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting


@payload(IdTokenInUseError)
class RemoveIdTokenPayload:
    """The id of the card that is gone."""

    removed_id: strawberry.ID | None = None


@strawberry.type
class RemoveIdToken:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TOKENS))
    @staticmethod
    async def remove_id_token(info: Info, id: strawberry.ID) -> RemoveIdTokenPayload:  # noqa: A002
        """Delete a card that never charged; one that did is blocked instead."""
        context = info.context
        await remove_id_token(
            context.services.database,
            context.tenant_id,
            row_id(id, "AdminIdToken", "id"),
            manager=CardManager(admin=await acting(info)),
        )
        return RemoveIdTokenPayload(removed_id=id)
