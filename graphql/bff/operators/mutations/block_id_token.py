"""`blockIdToken`: a card is refused from now on."""

import strawberry

from app.domain.drivers.id_tokens import CardManager, block_id_token
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.id_token import AdminIdToken


@payload()
class BlockIdTokenPayload:
    """The card."""

    id_token: AdminIdToken | None = None


@strawberry.type
class BlockIdToken:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_TOKENS))
    @staticmethod
    async def block_id_token(info: Info, id: strawberry.ID) -> BlockIdTokenPayload:  # noqa: A002
        """Refuse a card from now on; a running charge goes on."""
        services = info.context.services
        view = await block_id_token(
            services.database,
            info.context.tenant_id,
            services.clock,
            row_id(id, "AdminIdToken", "id"),
            manager=CardManager(admin=await acting(info)),
        )
        return BlockIdTokenPayload(id_token=AdminIdToken.of(view))
