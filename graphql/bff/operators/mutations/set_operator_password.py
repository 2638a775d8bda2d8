"""`setOperatorPassword`: a new password for an operator who lost theirs."""

import strawberry

from app.domain.drivers.errors import WeakPasswordError
from app.domain.operators.permissions import Permission
from app.domain.operators.set_operator_password import set_operator_password
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.operator import Operator


@strawberry.input
class SetOperatorPasswordInput:
    """Which operator, and the new password."""

    id: strawberry.ID
    password: str


@payload(WeakPasswordError)
class SetOperatorPasswordPayload:
    """The operator."""

    operator: Operator | None = None


@strawberry.type
class SetOperatorPassword:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_OPERATORS))
    @staticmethod
    async def set_operator_password(info: Info, input: SetOperatorPasswordInput) -> SetOperatorPasswordPayload:  # noqa: A002
        """Set a password; the operator is signed out everywhere."""
        services = info.context.services
        view = await set_operator_password(
            services.database,
            info.context.tenant_id,
            services.clock,
            passwords=services.passwords,
            operator_id=row_id(input.id, "Operator", "id"),
            new_password=input.password,
            actor=await acting(info),
        )
        return SetOperatorPasswordPayload(operator=Operator.of(view))
