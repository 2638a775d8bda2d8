"""The operators of a brand."""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database
from app.domain.operators.tables import Operator
from app.domain.operators.view import OperatorView, view_of


async def list_operators(database: Database, tenant_id: UUID) -> list[OperatorView]:
    """Return every operator, disabled ones too, by e-mail address."""
    async with database.read(tenant_id) as session:
        operators = await session.scalars(select(Operator).order_by(Operator.email))
        return [view_of(operator) for operator in operators]
