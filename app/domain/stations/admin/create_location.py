"""Adding a location that no register names."""

from uuid import UUID

import msgspec
from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.location_fields import LocationFields, apply_location, location_columns
from app.domain.stations.tables import Location
from app.kit.clock import Clock
from app.kit.errors import InvalidInputError
from app.kit.ids import new_id

OPERATOR_SOURCE = "operator"
"""The source of locations that operators added: no import touches them."""
_REQUIRED = ("name", "latitude", "longitude")


async def create_location(
    database: Database, tenant_id: UUID, clock: Clock, given: LocationFields, *, actor: AdminActor
) -> Location:
    """Add a location; country and time zone are the brand's where they are not given. Raises InvalidInputError."""
    missing = next((name for name in _REQUIRED if given.get(name) is None), None)
    if missing is not None:
        raise InvalidInputError("A location has a name and a position.", field=missing)
    columns = location_columns(given)

    async def work(uow: UnitOfWork) -> Location:
        tenant = (await uow.session.scalars(select(Tenant).where(Tenant.id == tenant_id))).one()
        defaults = {"country": tenant.country, "time_zone": tenant.time_zone}
        row_id = new_id()
        location = Location(id=row_id, source=OPERATOR_SOURCE, source_id=str(row_id), updated_at=clock.now())
        apply_location(location, defaults | columns)
        uow.session.add(location)
        await uow.session.flush()
        actor.record(uow, "createLocation", msgspec.to_builtins(columns), location.id)
        return location

    return await database.transact(tenant_id, work)
