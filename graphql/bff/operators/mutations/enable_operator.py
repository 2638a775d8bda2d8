"""`enableOperator`: an operator may sign in again."""

import strawberry

from app.domain.operators.disable_operator import enable_operator
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.operator import Operator


@payload()
class EnableOperatorPayload:
    """The operator."""

    operator: Operator | None = None


@strawberry.type
class EnableOperator:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_OPERATORS))
    @staticmethod
    async def enable_operator(info: Info, id: strawberry.ID) -> EnableOperatorPayload:  # noqa: A002
        """Switch an operator on again."""
        services = info.context.services
        view = await enable_operator(
            services.database,
            info.context.tenant_id,
            operator_id=row_id(id, "Operator", "id"),
            actor=await acting(info),
        )
        return EnableOperatorPayload(operator=Operator.of(view))
