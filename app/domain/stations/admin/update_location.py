"""Changing what is known of a location. What an import says later of its own locations wins again."""

from uuid import UUID

import msgspec

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.location_fields import LocationFields, apply_location, location_columns
from app.domain.stations.tables import Location
from app.kit.clock import Clock
from app.kit.errors import NotFoundError


async def update_location(
    database: Database, tenant_id: UUID, clock: Clock, location_id: UUID, given: LocationFields, *, actor: AdminActor
) -> Location:
    """Change what is given; the same values again change nothing. Raises NotFoundError, InvalidInputError."""
    columns = location_columns(given)

    async def work(uow: UnitOfWork) -> Location:
        location = await uow.session.get(Location, location_id, with_for_update=True)
        if location is None:
            raise NotFoundError("There is no such location.", field="id")
        changed = apply_location(location, columns)
        if changed:
            location.updated_at = clock.now()
            actor.record(uow, "updateLocation", msgspec.to_builtins(changed), location.id)
        return location

    return await database.transact(tenant_id, work)
