"""`changeOperatorRole`: an operator gets another role and is signed out everywhere."""

import strawberry

from app.domain.operators.change_operator_role import change_operator_role
from app.domain.operators.errors import LastOwnerError
from app.domain.operators.permissions import Permission
from app.domain.operators.tables import OperatorRole
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.operator import Operator


@strawberry.input
class ChangeOperatorRoleInput:
    """Which operator, and the new role."""

    id: strawberry.ID
    role: OperatorRole


@payload(LastOwnerError)
class ChangeOperatorRolePayload:
    """The operator."""

    operator: Operator | None = None


@strawberry.type
class ChangeOperatorRole:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_OPERATORS))
    @staticmethod
    async def change_operator_role(info: Info, input: ChangeOperatorRoleInput) -> ChangeOperatorRolePayload:  # noqa: A002
        """Give an operator another role. A brand always keeps one owner."""
        services = info.context.services
        view = await change_operator_role(
            services.database,
            info.context.tenant_id,
            services.clock,
            operator_id=row_id(input.id, "Operator", "id"),
            role=input.role,
            actor=await acting(info),
        )
        return ChangeOperatorRolePayload(operator=Operator.of(view))
