"""Registering a charger: its identity, and a password that is told once and kept as a hash."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.errors import IdentityTakenError
from app.domain.stations.charger_credentials import hash_charger_password, new_charger_password
from app.domain.stations.tables import Charger, Location
from app.kit.errors import InvalidInputError, NotFoundError

# identifierString of OCPP 2.0.1 part 2, 5.3, without the colon: it parts user and password in a Basic credential.
_IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]{1,48}")


@dataclass(frozen=True, slots=True)
class NewCharger:
    """A charger and its password, which nobody can read again."""

    charger: Charger
    password: str


async def create_charger(
    database: Database,
    tenant_id: UUID,
    *,
    identity: str,
    location_id: UUID | None,
    actor: AdminActor,
    password: str | None = None,
) -> NewCharger:
    """Register a charger (security profile 1); a password is made up where none is given.

    Raises InvalidInputError, NotFoundError, IdentityTakenError.
    """
    if _IDENTITY.fullmatch(identity) is None:
        raise InvalidInputError("An identity has 1 to 48 letters, digits and *-_=+|@. only.", field="identity")
    password = password or new_charger_password()

    async def work(uow: UnitOfWork) -> Charger:
        if location_id is not None and await uow.session.get(Location, location_id) is None:
            raise NotFoundError("There is no such location.", field="locationId")
        charger = Charger(identity=identity, location_id=location_id, password_hash=hash_charger_password(password))
        uow.session.add(charger)
        await uow.record(charger, "charger.created", {"identity": identity})
        given = {"identity": identity, "location_id": str(location_id) if location_id else None}
        actor.record(uow, "createCharger", given, charger.id)
        await uow.session.refresh(charger)
        return charger

    try:
        return NewCharger(await database.transact(tenant_id, work), password)
    except IntegrityError as error:
        if "identity" in str(error.orig):
            raise IdentityTakenError from error
        raise
