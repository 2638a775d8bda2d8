"""Placing a charger at a location, and deciding whether one that registered itself belongs to the network."""

from typing import Any, TypedDict
from uuid import UUID

import msgspec
from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.errors import ChargerElsewhereError
from app.domain.stations.states import RegistrationStatus
from app.domain.stations.tables import Charger, Evse, Location
from app.kit.errors import NotFoundError


class ChargerFields(TypedDict, total=False):
    """What is said; a key that is absent is not said."""

    location_id: UUID | None
    registration: RegistrationStatus
    allow_missing_subprotocol: bool


async def update_charger(
    database: Database, tenant_id: UUID, charger_id: UUID, given: ChargerFields, *, actor: AdminActor
) -> Charger:
    """Change what is given; a charger hears of its registration at its next BootNotification.

    Raises NotFoundError, ChargerElsewhereError.
    """

    async def work(uow: UnitOfWork) -> Charger:
        charger = await uow.session.get(Charger, charger_id, with_for_update=True)
        if charger is None:
            raise NotFoundError("There is no such charger.", field="id")
        changed = {key: value for key, value in given.items() if getattr(charger, key) != value}
        if "location_id" in changed:
            await _check_location(uow, charger, given["location_id"])
        for key, value in changed.items():
            setattr(charger, key, value)
        if changed:
            audited: dict[str, Any] = msgspec.to_builtins(changed)
            await uow.record(charger, "charger.changed", audited)
            actor.record(uow, "updateCharger", audited, charger.id)
        return charger

    return await database.transact(tenant_id, work)


async def _check_location(uow: UnitOfWork, charger: Charger, location_id: UUID | None) -> None:
    if location_id is not None and await uow.session.get(Location, location_id) is None:
        raise NotFoundError("There is no such location.", field="locationId")
    elsewhere = select(Evse.id).where(Evse.charger_id == charger.id, Evse.location_id.is_distinct_from(location_id))
    if await uow.session.scalar(elsewhere.limit(1)) is not None:
        raise ChargerElsewhereError
