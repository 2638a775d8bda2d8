"""Stations, EVSEs and connectors as an app shows them; what nobody told us is null."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.stations.opening_hours import OpeningHours, is_open, next_change
from app.domain.stations.states import AccessType, ConnectorFormat, ConnectorStandard, EvseStatus, PowerType
from app.domain.stations.status import EvseView, location_availability
from app.domain.stations.tables import Connector as ConnectorRow
from app.domain.stations.tables import Evse as EvseRow
from app.domain.stations.tables import Location
from bff.context import Info
from bff.fields import computed
from bff.pricing.in_force import tariff_in_force
from bff.pricing.price import Price, price_of
from bff.stations.hours import Hours


@strawberry.type
class Photo:
    """A picture of a station."""

    url: str


@strawberry.type
class Connector(relay.Node):
    """A socket or cable. `price` is null where no price is known: a charge cannot be started there."""

    id: relay.NodeID[UUID]
    number: int
    standard: ConnectorStandard | None
    format: ConnectorFormat | None
    power_type: PowerType | None
    max_power_w: int | None
    row: strawberry.Private[ConnectorRow]
    evse_row: strawberry.Private[EvseRow]

    @computed
    async def price(self, info: Info) -> Price | None:
        """The tariff in force here for a charge that starts now."""
        context = info.context
        tariff = await tariff_in_force(context, self.evse_row, self.row)
        location = await context.loaders.locations.load(self.evse_row.location_id)
        if tariff is None or location is None:
            return None
        now = context.services.clock.now()
        return price_of(tariff, location.time_zone, now, self.max_power_w, context.locale)


@strawberry.type
class Evse(relay.Node):
    """A charging point: serves one car at a time. `code` is what its sticker says.

    `lastSeenSeconds` is how long ago it or its charger was last heard of, null for never.
    """

    id: relay.NodeID[UUID]
    code: str | None
    physical_reference: str | None
    status: EvseStatus
    status_at: datetime | None
    last_seen_at: datetime | None
    last_seen_seconds: int | None
    max_power_w: int | None
    connectors: list[Connector]
    row: strawberry.Private[EvseRow]

    @classmethod
    def of(cls, view: EvseView) -> "Evse":
        """Return an EVSE with its connectors."""
        evse, now = view.evse, view.availability
        return cls(
            id=evse.id,
            code=evse.evse_code,
            physical_reference=evse.physical_reference,
            status=now.status,
            status_at=evse.status_at,
            last_seen_at=now.last_seen_at,
            last_seen_seconds=None if now.last_seen_age is None else int(now.last_seen_age.total_seconds()),
            max_power_w=evse.max_power_w,
            connectors=[_connector(evse, row) for row in view.connectors],
            row=evse,
        )

    @computed
    async def station(self, info: Info) -> Annotated["Station", strawberry.lazy("bff.stations.types")] | None:
        """The station it belongs to."""
        location = await info.context.loaders.locations.load(self.row.location_id)
        return Station.of(location) if location else None


@strawberry.type
class StationAvailability:
    """How many of a station's EVSEs are free; `status` is the best a driver finds there."""

    status: EvseStatus
    available: int
    total: int
    last_seen_seconds: int | None


@strawberry.type
class Station(relay.Node):
    """A charging site. `distanceMeters` is set in answers to a search around a point (great circle)."""

    id: relay.NodeID[UUID]
    name: str
    operator_name: str | None
    address: str | None
    city: str | None
    postal_code: str | None
    country: str
    latitude: float
    longitude: float
    time_zone: str
    access: AccessType | None
    photos: list[Photo]
    amenities: list[str]
    directions: str | None
    max_power_w: int | None
    distance_meters: float | None
    row: strawberry.Private[Location]

    @classmethod
    def of(cls, row: Location, distance: float | None = None) -> "Station":
        """Return a station, with its distance in metres where it was searched for by one."""
        return cls(
            id=row.id,
            name=row.name,
            operator_name=row.operator_name,
            address=row.address,
            city=row.city,
            postal_code=row.postal_code,
            country=row.country,
            latitude=float(row.latitude),
            longitude=float(row.longitude),
            time_zone=row.time_zone,
            access=row.access,
            photos=[Photo(url=photo["url"]) for photo in row.photos],
            amenities=[str(kind) for kind in row.amenities],
            directions=row.directions,
            max_power_w=row.max_power_w,
            distance_meters=distance,
            row=row,
        )

    @computed
    async def evses(self, info: Info) -> list[Evse]:
        """Its charging points."""
        return [Evse.of(view) for view in await info.context.loaders.evses_of_location.load(self.row.id)]

    @computed
    async def availability(self, info: Info) -> StationAvailability:
        """How many charging points are free now."""
        views = await info.context.loaders.evses_of_location.load(self.row.id)
        now = info.context.services.clock.now()
        found = location_availability((view.availability for view in views), now)
        age = found.last_seen_age
        seconds = None if age is None else int(age.total_seconds())
        return StationAvailability(
            status=found.status, available=found.available, total=found.total, last_seen_seconds=seconds
        )

    @computed
    def opening_hours(self) -> Hours | None:
        """When it can be used, in its own time zone; null where unknown."""
        return None if self.row.opening_hours is None else Hours.of(OpeningHours.from_json(self.row.opening_hours))

    @computed
    def is_open(self, info: Info) -> bool | None:
        """Whether it is open now; null where its hours are unknown."""
        return is_open(_hours(self.row), self.row.time_zone, info.context.services.clock.now())

    @computed
    def opening_changes_at(self, info: Info) -> datetime | None:
        """When it next opens or closes; null where that is unknown or never."""
        return next_change(_hours(self.row), self.row.time_zone, info.context.services.clock.now())


def _hours(row: Location) -> OpeningHours | None:
    return None if row.opening_hours is None else OpeningHours.from_json(row.opening_hours)


def _connector(evse: EvseRow, row: ConnectorRow) -> Connector:
    return Connector(
        id=row.id,
        number=row.number,
        standard=row.standard,
        format=row.format,
        power_type=row.power_type,
        max_power_w=row.max_power_w,
        row=row,
        evse_row=evse,
    )
