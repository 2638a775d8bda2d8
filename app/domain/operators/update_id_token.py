"""Giving a card to a driver, taking it back, letting it charge free of charge: for operators only, and audited."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import msgspec

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.tables import Driver, IdToken
from app.domain.operators.actor import AdminActor
from app.kit.errors import InvalidInputError, NotFoundError

_MAX_LABEL = 80


class IdTokenFields(TypedDict, total=False):
    """What is said; a key that is absent is not said."""

    driver_id: UUID | None
    label: str | None
    expires_at: datetime | None
    free_of_charge: bool


async def update_id_token(
    database: Database, tenant_id: UUID, token_id: UUID, given: IdTokenFields, *, actor: AdminActor
) -> IdToken:
    """Change what is given; sessions that run or have ended keep their driver. Raises NotFoundError."""
    label = given.get("label") or ""
    if len(label) > _MAX_LABEL or not label.isprintable():
        raise InvalidInputError(f"A label has at most {_MAX_LABEL} printable characters.", field="label")

    async def work(uow: UnitOfWork) -> IdToken:
        row = await uow.session.get(IdToken, token_id, with_for_update=True)
        if row is None:
            raise NotFoundError("There is no such card.", field="id")
        owner = given.get("driver_id")
        if owner is not None and await uow.session.get(Driver, owner) is None:
            raise NotFoundError("There is no such driver.", field="driverId")
        changed: dict[str, Any] = {key: value for key, value in given.items() if getattr(row, key) != value}
        for key, value in changed.items():
            setattr(row, key, value)
        if changed:
            actor.record(uow, "updateIdToken", {"uid": f"…{row.uid[-4:]}", **msgspec.to_builtins(changed)}, row.id)
        return row

    return await database.transact(tenant_id, work)
