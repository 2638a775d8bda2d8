"""Finding stations: around a point, in a map's rectangle, by id, by the code on a sticker."""

from typing import Annotated

import strawberry

from app.domain.stations.search import Box, Cursor, find_evse_by_code, find_in_box, find_nearest
from app.domain.stations.search_query import StationFilter
from app.domain.stations.states import ConnectorStandard
from app.kit.errors import InvalidInputError, NotFoundError
from bff.access import PublicField
from bff.context import Info
from bff.fields import query
from bff.ids import row_id
from bff.pagination import Connection, Edge, page_of, require_page_size
from bff.stations.types import Evse, Station

_MAX_TEXT = 200
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]
First = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]


@strawberry.input
class Point:
    """A place in WGS 84 degrees."""

    latitude: float
    longitude: float


@strawberry.input
class BoxInput:
    """A rectangle of WGS 84 degrees; one whose west is greater than its east crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float


@strawberry.input
class StationFilterInput:
    """What a station must offer. Power, standard and availability must meet in one connector."""

    min_power_w: int | None = None
    standards: list[ConnectorStandard] | None = None
    available_now: bool = False
    open_now: bool = False
    text: str | None = None

    def filter(self) -> StationFilter:
        """Return the search's filter. Raises InvalidInputError."""
        if self.text is not None and len(self.text) > _MAX_TEXT:
            raise InvalidInputError(f"a search text has at most {_MAX_TEXT} characters", field="text")
        return StationFilter(
            min_power_w=self.min_power_w,
            connector_standards=frozenset(self.standards or ()),
            available_now=self.available_now,
            open_now=self.open_now,
            text=self.text,
        )


def _wanted(given: StationFilterInput | None) -> StationFilter:
    return given.filter() if given else StationFilter()


@strawberry.type
class StationQueries:
    """Queries about stations; all public."""

    @query(PublicField())
    @staticmethod
    async def stations_around(
        info: Info,
        center: Point,
        first: First,
        after: After = None,
        radius_meters: float | None = None,
        filter: StationFilterInput | None = None,  # noqa: A002  the API's name
    ) -> Connection[Station]:
        """Find the nearest stations, exactly in order of their great-circle distance."""
        context = info.context
        require_page_size(first)
        async with context.services.database.read(context.tenant_id) as session:
            page = await find_nearest(
                session,
                (center.latitude, center.longitude),
                _wanted(filter),
                now=context.services.clock.now(),
                first=first,
                after=None if after is None else Cursor.decode(after),
                radius_m=radius_meters,
            )
        for item in page.items:
            context.loaders.locations.prime(item.location.id, item.location)
        edges = [
            Edge(cursor=item.cursor.encode(), node=Station.of(item.location, item.distance_m)) for item in page.items
        ]
        return page_of(edges, has_next=page.has_next)

    @query(PublicField())
    @staticmethod
    async def stations_in_box(
        info: Info,
        box: BoxInput,
        first: First,
        filter: StationFilterInput | None = None,  # noqa: A002  the API's name
    ) -> list[Station]:
        """Find the stations on a map's part, those nearest to its middle first."""
        context = info.context
        require_page_size(first)
        area = Box(box.south, box.west, box.north, box.east)
        async with context.services.database.read(context.tenant_id) as session:
            found = await find_in_box(session, area, _wanted(filter), now=context.services.clock.now(), limit=first)
        for item in found:
            context.loaders.locations.prime(item.location.id, item.location)
        return [Station.of(item.location) for item in found]

    @query(PublicField())
    @staticmethod
    async def station(info: Info, id: strawberry.ID) -> Station | None:  # noqa: A002  the API's name
        """Return a station by its id; null with the error NOT_FOUND where there is none."""
        return await published_station(info, id)

    @query(PublicField())
    @staticmethod
    async def evse_by_code(info: Info, code: str) -> Evse | None:
        """Find the charging point that bears a code (the QR sticker's, or an eMI3 id); null where there is none."""
        context = info.context
        async with context.services.database.read(context.tenant_id) as session:
            row = await find_evse_by_code(session, code)
        view = await context.loaders.evses.load(row.id) if row else None
        return Evse.of(view) if view else None


async def published_station(info: Info, node_id: str) -> Station:
    """Return a published station. Raises NotFoundError."""
    row = await info.context.loaders.locations.load(row_id(node_id, "Station", "id"))
    if row is None or not row.published:
        raise NotFoundError("there is no such station", field="id")
    return Station.of(row)
