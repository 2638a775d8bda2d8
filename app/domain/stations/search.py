"""Finding stations: nearest to a point, in a map's rectangle, by the code on a sticker, by id.

Distances are great-circle metres and the order is exact. Pages are cut by (distance, id), so a row that
exists during the whole walk is seen exactly once, whatever is inserted meanwhile. A cursor belongs to the
point it was made for.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.stations.geo import EARTH_RADIUS_M, Degrees, chord_of_metres, metres_of_chord
from app.domain.stations.normalise import normalise_evse_code
from app.domain.stations.opening_hours import OpeningHours, is_open
from app.domain.stations.search_query import StationFilter, candidates
from app.domain.stations.tables import Evse, Location
from app.kit.errors import InvalidInputError

MAX_PAGE_SIZE = 100
_MIN_CHUNK = 50
_MAX_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the order of distance: the chord as an exact double, and the location's id."""

    chord: float
    location_id: UUID

    def encode(self) -> str:
        """Return the cursor as opaque text."""
        return urlsafe_b64encode(f"{self.chord.hex()} {self.location_id}".encode()).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read a cursor. Raises InvalidInputError for anything that `encode` did not make."""
        try:
            chord, location_id = urlsafe_b64decode(text.encode()).decode().split(" ")
            return cls(float.fromhex(chord), UUID(location_id))
        except (ValueError, OverflowError) as error:
            raise InvalidInputError("the cursor is not valid", field="after") from error


@dataclass(frozen=True, slots=True)
class NearbyLocation:
    """A location and its great-circle distance from the point asked for, in metres."""

    location: Location
    distance_m: float
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class NearbyPage:
    """A page of locations, nearest first; `has_next` says whether one more exists."""

    items: list[NearbyLocation]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of WGS 84 degrees; one whose west is greater than its east crosses the antimeridian."""

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        _require_point((self.south, self.west))
        _require_point((self.north, self.east))
        if self.south > self.north:
            raise InvalidInputError("the rectangle's south lies north of its north", field="south")

    @property
    def width(self) -> float:
        """The extent from west to east in degrees."""
        return self.east - self.west if self.east >= self.west else self.east - self.west + 360

    @property
    def centre(self) -> Degrees:
        """The middle of the rectangle."""
        longitude = self.west + self.width / 2
        return (self.south + self.north) / 2, longitude - 360 if longitude > 180 else longitude  # noqa: PLR2004

    def holds(self, latitude: float, longitude: float) -> bool:
        """Say whether a point lies in the rectangle, its edges included."""
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east

    def reach_m(self) -> float:
        """Return a distance from the centre beyond which nothing of the rectangle lies, in metres.

        Any of its points is reached by going along the centre's meridian, then along a parallel; no
        shortest way is longer.
        """
        widest = 0.0 if self.south <= 0 <= self.north else min(abs(self.south), abs(self.north))
        arc = (self.north - self.south) / 2 + self.width / 2 * cos(radians(widest))
        return radians(arc) * EARTH_RADIUS_M


async def find_nearest(
    session: AsyncSession,
    point: Degrees,
    wanted: StationFilter,
    *,
    now: datetime,
    first: int,
    after: Cursor | None = None,
    radius_m: float | None = None,
) -> NearbyPage:
    """Return the `first` (1 to 100) nearest published locations that meet the filters, within `radius_m` if
    given.

    `now` decides what is open. Raises InvalidInputError for a point off the globe or a page size out of
    range.
    """
    _require_point(point)
    _require_size(first)
    if radius_m is not None and not radius_m >= 0:
        raise InvalidInputError("the radius is negative", field="radius")
    furthest = None if radius_m is None else chord_of_metres(radius_m)
    rows: list[Row[Any]] = []
    async for row in _walk(session, point, wanted, after, first + 1):
        if furthest is not None and row.chord > furthest:
            break
        if wanted.open_now and not _is_open(row, now):
            continue
        rows.append(row)
        if len(rows) > first:
            break
    return NearbyPage(await _load(session, rows[:first]), has_next=len(rows) > first)


async def find_in_box(
    session: AsyncSession, box: Box, wanted: StationFilter, *, now: datetime, limit: int
) -> list[NearbyLocation]:
    """Return up to `limit` (1 to 100) locations in the rectangle that meet the filters, nearest to its
    centre first.
    """
    _require_size(limit)
    reach = chord_of_metres(box.reach_m())
    rows: list[Row[Any]] = []
    async for row in _walk(session, box.centre, wanted, None, limit):
        if row.chord > reach or len(rows) == limit:
            break
        if box.holds(float(row.latitude), float(row.longitude)) and (not wanted.open_now or _is_open(row, now)):
            rows.append(row)
    return await _load(session, rows)


async def get_location(session: AsyncSession, location_id: UUID) -> Location | None:
    """Return a location of the tenant, published or not, or None."""
    return await session.get(Location, location_id)


async def find_evse_by_code(session: AsyncSession, code: str) -> Evse | None:
    """Return the EVSE that bears a code (eMI3 id or QR sticker), whatever its case and separators, or None."""
    normalised = normalise_evse_code(code)
    if not normalised:
        return None
    return await session.scalar(select(Evse).where(Evse.code_normalized == normalised))


async def _walk(
    session: AsyncSession, point: Degrees, wanted: StationFilter, after: Cursor | None, expected: int
) -> AsyncIterator[Row[Any]]:
    """Yield candidates in order until there are no more; each further chunk is larger, for it is wanted
    more rarely.
    """
    place = None if after is None else (after.chord, after.location_id)
    size = expected
    while True:
        rows = (await session.execute(candidates(point, wanted, place, size))).all()
        for row in rows:
            yield row
        if len(rows) < size:
            return
        place = (rows[-1].chord, rows[-1].id)
        size = min(max(size * 4, _MIN_CHUNK), _MAX_CHUNK)


async def _load(session: AsyncSession, rows: list[Row[Any]]) -> list[NearbyLocation]:
    if not rows:
        return []
    loaded = await session.scalars(select(Location).where(Location.id.in_([row.id for row in rows])))
    by_id = {location.id: location for location in loaded}
    return [
        NearbyLocation(by_id[row.id], metres_of_chord(row.chord), Cursor(row.chord, row.id))
        for row in rows
        if row.id in by_id
    ]


def _is_open(row: Row[Any], now: datetime) -> bool:
    hours = None if row.opening_hours is None else OpeningHours.from_json(row.opening_hours)
    return is_open(hours, row.time_zone, now) is True


def _require_point(point: Degrees) -> None:
    latitude, longitude = point
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004 - the globe
        raise InvalidInputError("the point is not on the globe", field="point")


def _require_size(size: int) -> None:
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise InvalidInputError(f"the page size is not between 1 and {MAX_PAGE_SIZE}", field="first")
