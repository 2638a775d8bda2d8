"""Switching an operator off and on again. Operators are never deleted: the audit log names them."""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.families import revoke_families
from app.domain.operators.actor import AdminActor
from app.domain.operators.owners import lock_for_change
from app.domain.operators.view import OperatorView, view_of
from app.kit.clock import Clock


async def disable_operator(
    database: Database, tenant_id: UUID, clock: Clock, *, operator_id: UUID, actor: AdminActor
) -> OperatorView:
    """Sign an operator out everywhere and refuse new sign-ins. Raises NotFoundError, LastOwnerError."""

    async def work(uow: UnitOfWork) -> OperatorView:
        operator = await lock_for_change(uow, operator_id, ends_ownership=True)
        if operator.disabled_at is None:
            operator.disabled_at = clock.now()
            await revoke_families(uow, operator, clock.now())
            actor.record(uow, "disableOperator", {}, operator.id)
        return view_of(operator)

    return await database.transact(tenant_id, work)


async def enable_operator(database: Database, tenant_id: UUID, *, operator_id: UUID, actor: AdminActor) -> OperatorView:
    """Let an operator sign in again. Raises NotFoundError."""

    async def work(uow: UnitOfWork) -> OperatorView:
        operator = await lock_for_change(uow, operator_id, ends_ownership=False)
        if operator.disabled_at is not None:
            operator.disabled_at = None
            actor.record(uow, "enableOperator", {}, operator.id)
        return view_of(operator)

    return await database.transact(tenant_id, work)
