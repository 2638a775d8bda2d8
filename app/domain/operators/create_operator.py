"""Adding an operator: the first owner from the command line, the others by an owner."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.inputs import normalise_email, normalise_name
from app.domain.drivers.passwords import Passwords, check_strength
from app.domain.operators.actor import AdminActor
from app.domain.operators.errors import OperatorExistsError
from app.domain.operators.tables import Operator, OperatorRole
from app.domain.operators.view import OperatorView, view_of
from app.kit.errors import InvalidInputError
from app.kit.ids import new_id


async def create_operator(
    database: Database,
    tenant_id: UUID,
    *,
    passwords: Passwords,
    email: str,
    name: str,
    role: OperatorRole,
    password: str,
    actor: AdminActor,
) -> OperatorView:
    """Add an operator. Raises InvalidInputError, WeakPasswordError, OperatorExistsError."""
    address = normalise_email(email)
    accepted_name = normalise_name(name)
    if accepted_name is None:
        raise InvalidInputError("An operator has a name.", field="name")
    check_strength(password, email=address)
    values = {
        "id": new_id(),
        "tenant_id": tenant_id,
        "email": address,
        "name": accepted_name,
        "role": role,
        "password_hash": await passwords.hash(password),
    }

    async def work(uow: UnitOfWork) -> OperatorView:
        inserted = await uow.session.scalar(
            insert(Operator)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["tenant_id", "email"])
            .returning(Operator.id)
        )
        if inserted is None:
            raise OperatorExistsError
        given = {"email": address, "name": accepted_name, "role": role.value}
        actor.record(uow, "createOperator", given, inserted)
        return view_of((await uow.session.scalars(select(Operator).where(Operator.id == inserted))).one())

    return await database.transact(tenant_id, work)
