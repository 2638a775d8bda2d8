"""`createOperator`: a person who may run the network."""

import strawberry

from app.domain.drivers.errors import WeakPasswordError
from app.domain.operators.create_operator import create_operator
from app.domain.operators.errors import OperatorExistsError
from app.domain.operators.permissions import Permission
from app.domain.operators.tables import OperatorRole
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.actor import acting
from bff.operators.types.operator import Operator


@strawberry.input
class CreateOperatorInput:
    """Who, with which role and first password."""

    email: str
    name: str
    role: OperatorRole
    password: str


@payload(OperatorExistsError, WeakPasswordError)
class CreateOperatorPayload:
    """The operator."""

    operator: Operator | None = None


@strawberry.type
class CreateOperator:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_OPERATORS))
    @staticmethod
    async def create_operator(info: Info, input: CreateOperatorInput) -> CreateOperatorPayload:  # noqa: A002
        """Add an operator."""
        services = info.context.services
        view = await create_operator(
            services.database,
            info.context.tenant_id,
            passwords=services.passwords,
            email=input.email,
            name=input.name,
            role=input.role,
            password=input.password,
            actor=await acting(info),
        )
        return CreateOperatorPayload(operator=Operator.of(view))
