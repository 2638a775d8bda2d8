"""Setting an operator's password: by an owner or from the command line, for an operator who lost theirs."""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import OPERATOR_SIGN_IN_PER_ACCOUNT, account_key, forget_attempts
from app.domain.drivers.families import revoke_families
from app.domain.drivers.passwords import Passwords, check_strength
from app.domain.operators.actor import AdminActor
from app.domain.operators.owners import lock_for_change
from app.domain.operators.view import OperatorView, view_of
from app.kit.clock import Clock


async def set_operator_password(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    passwords: Passwords,
    operator_id: UUID,
    new_password: str,
    actor: AdminActor,
) -> OperatorView:
    """Set the password, sign the operator out everywhere, lift the sign-in limit.

    Raises WeakPasswordError, NotFoundError.
    """
    check_strength(new_password)
    password_hash = await passwords.hash(new_password)

    async def work(uow: UnitOfWork) -> OperatorView:
        operator = await lock_for_change(uow, operator_id, ends_ownership=False)
        check_strength(new_password, email=operator.email)
        operator.password_hash = password_hash
        await revoke_families(uow, operator, clock.now())
        await forget_attempts(uow, account_key(OPERATOR_SIGN_IN_PER_ACCOUNT, operator.email))
        actor.record(uow, "setOperatorPassword", {}, operator.id)
        return view_of(operator)

    return await database.transact(tenant_id, work)
