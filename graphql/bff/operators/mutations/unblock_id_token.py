"""`unblockIdToken`: a blocked card is accepted again."""

import strawberry

from app.domain.drivers.id_tokens import unblock_id_token
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.id_token import AdminIdToken


@payload()
class UnblockIdTokenPayload:
    """The card."""

    id_token: AdminIdToken | None = None


@strawberry.type
class UnblockIdToken:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TOKENS))
    @staticmethod
    async def unblock_id_token(info: Info, id: strawberry.ID) -> UnblockIdTokenPayload:  # noqa: A002
        """Accept a blocked card again."""
        services = info.context.services
        view = await unblock_id_token(
            services.database, info.context.tenant_id, row_id(id, "AdminIdToken", "id"), admin=await acting(info)
        )
        return UnblockIdTokenPayload(id_token=AdminIdToken.of(view))
