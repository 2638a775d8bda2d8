"""The rule that a brand keeps one owner who can sign in."""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.operators.errors import LastOwnerError
from app.domain.operators.tables import Operator, OperatorRole
from app.kit.errors import NotFoundError


async def lock_for_change(uow: UnitOfWork, operator_id: UUID, *, ends_ownership: bool) -> Operator:
    """Lock an operator who is about to change; return the row as it is now.

    Every active owner is locked first, in one order, where ownership ends: two owners who remove each other come one
    after the other. Raises NotFoundError, LastOwnerError.
    """
    owners: list[UUID] = []
    if ends_ownership:
        statement = (
            select(Operator.id)
            .where(Operator.role == OperatorRole.OWNER, Operator.disabled_at.is_(None))
            .order_by(Operator.id)
            .with_for_update(key_share=True)
        )
        owners = list(await uow.session.scalars(statement))
    operator = await uow.session.scalar(
        select(Operator)
        .where(Operator.id == operator_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if operator is None:
        raise NotFoundError("There is no such operator.")
    if owners == [operator_id]:
        raise LastOwnerError
    return operator
