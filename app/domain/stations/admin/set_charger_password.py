"""A new password for a charger that is not told of it by us: whoever sets it up types it in.

The old one is refused from the charger's next connection on.
"""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.charger_credentials import hash_charger_password, new_charger_password
from app.domain.stations.tables import Charger
from app.kit.errors import NotFoundError


async def set_charger_password(database: Database, tenant_id: UUID, charger_id: UUID, *, actor: AdminActor) -> str:
    """Give a charger a new password and return it; it is told once and kept as a hash. Raises NotFoundError."""
    password = new_charger_password()

    async def work(uow: UnitOfWork) -> None:
        charger = await uow.session.get(Charger, charger_id, with_for_update=True)
        if charger is None:
            raise NotFoundError("There is no such charger.", field="id")
        charger.password_hash = hash_charger_password(password)
        charger.security_profile = max(1, charger.security_profile)
        actor.record(uow, "setChargerPassword", {"identity": charger.identity}, charger.id)

    await database.transact(tenant_id, work)
    return password
