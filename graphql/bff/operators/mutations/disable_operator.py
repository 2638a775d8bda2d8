"""`disableOperator`: an operator is signed out everywhere and cannot sign in."""

import strawberry

from app.domain.operators.disable_operator import disable_operator
from app.domain.operators.errors import LastOwnerError
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.operator import Operator


@payload(LastOwnerError)
class DisableOperatorPayload:
    """The operator."""

    operator: Operator | None = None


@strawberry.type
class DisableOperator:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_OPERATORS))
    @staticmethod
    async def disable_operator(info: Info, id: strawberry.ID) -> DisableOperatorPayload:  # noqa: A002
        """Switch an operator off. A brand always keeps one owner."""
        services = info.context.services
        view = await disable_operator(
            services.database,
            info.context.tenant_id,
            services.clock,
            operator_id=row_id(id, "Operator", "id"),
            actor=await acting(info),
        )
        return DisableOperatorPayload(operator=Operator.of(view))
