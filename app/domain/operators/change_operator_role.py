"""Giving an operator another role. The role is part of access tokens, so every device is signed out."""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.families import revoke_families
from app.domain.operators.actor import AdminActor
from app.domain.operators.owners import lock_for_change
from app.domain.operators.tables import OperatorRole
from app.domain.operators.view import OperatorView, view_of
from app.kit.clock import Clock


async def change_operator_role(
    database: Database, tenant_id: UUID, clock: Clock, *, operator_id: UUID, role: OperatorRole, actor: AdminActor
) -> OperatorView:
    """Set the role; the present role again changes nothing. Raises NotFoundError, LastOwnerError."""

    async def work(uow: UnitOfWork) -> OperatorView:
        ends_ownership = role is not OperatorRole.OWNER
        operator = await lock_for_change(uow, operator_id, ends_ownership=ends_ownership)
        if operator.role is not role:
            given = {"role": role.value, "previous": operator.role.value}
            operator.role = role
            await revoke_families(uow, operator, clock.now())
            actor.record(uow, "changeOperatorRole", given, operator.id)
        return view_of(operator)

    return await database.transact(tenant_id, work)
