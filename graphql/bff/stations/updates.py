"""`stationStatus`: which charging points are free, live: the present state of each first, then every change.

A change that is overtaken by another before it is sent is left out: only what is now matters on a map. While nothing
happens no database connection is held.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import strawberry
from sqlalchemy import select

from app.domain.stations.tables import Evse as EvseRow
from app.domain.stations.tables import Location
from app.kit.errors import InvalidInputError, NotFoundError
from bff.access import PublicField
from bff.context import Context, Info
from bff.fields import subscription
from bff.ids import row_id
from bff.loaders import evse_views
from bff.scalars import BigInt
from bff.stations.types import Evse

MAX_WATCHED = 500
_MAX_IDS = 100


@strawberry.type
class EvseStatusUpdate:
    """A charging point as it is at a sequence number of its own."""

    sequence: BigInt
    evse: Evse


@strawberry.type
class StationSubscription:
    """The subscription."""

    @subscription(PublicField())
    @staticmethod
    async def station_status(
        info: Info, station_ids: list[strawberry.ID] | None = None, evse_ids: list[strawberry.ID] | None = None
    ) -> AsyncIterator[EvseStatusUpdate]:
        """Follow the charging points of up to 100 stations, or up to 100 charging points."""
        context = info.context
        wanted = await _wanted(context, station_ids or [], evse_ids or [])
        with context.services.live.watch([*wanted, *wanted.values()]) as watch:
            sent: dict[UUID, tuple[int, str]] = {}
            announced = set(wanted)
            while True:
                for update in await _changed(context, announced, sent):
                    yield update
                woken = await watch.changed()
                announced = {evse for evse, charger in wanted.items() if evse in woken or charger in woken}


async def _wanted(context: Context, station_ids: Sequence[str], evse_ids: Sequence[str]) -> dict[UUID, UUID]:
    """Return the EVSEs to watch, each with the aggregate whose changes also change it: its charger, else itself."""
    if not 0 < len(station_ids) + len(evse_ids) <= _MAX_IDS:
        raise InvalidInputError(f"watch 1 to {_MAX_IDS} stations or charging points", field="stationIds")
    locations = [row_id(text, "Station", "stationIds") for text in station_ids]
    evses = [row_id(text, "Evse", "evseIds") for text in evse_ids]
    query = (
        select(EvseRow.id, EvseRow.charger_id)
        .join(Location, Location.id == EvseRow.location_id)
        .where(Location.published, EvseRow.location_id.in_(locations) | EvseRow.id.in_(evses))
        .order_by(EvseRow.id)
        .limit(MAX_WATCHED + 1)
    )
    async with context.services.database.read(context.tenant_id) as session:
        found = (await session.execute(query)).all()
    if not found:
        raise NotFoundError("there is no such charging point", field="evseIds")
    if len(found) > MAX_WATCHED:
        raise InvalidInputError(f"these stations have more than {MAX_WATCHED} charging points", field="stationIds")
    return {evse: charger or evse for evse, charger in found}


async def _changed(context: Context, evse_ids: set[UUID], sent: dict[UUID, tuple[int, str]]) -> list[EvseStatusUpdate]:
    """Return the EVSEs that differ from what was sent last, and note them as sent."""
    async with context.services.database.read(context.tenant_id) as session:
        views = await evse_views(session, sorted(evse_ids), context.services.clock)
    updates = []
    for evse_id, view in views.items():
        state = (view.evse.seq, view.availability.status.value)
        if sent.get(evse_id) != state:
            sent[evse_id] = state
            updates.append(EvseStatusUpdate(sequence=BigInt(view.evse.seq), evse=Evse.of(view)))
    return updates
