"""Locations, EVSEs and connectors as operators keep them; what nobody told us is null."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.states import AccessType, ConnectorFormat, ConnectorStandard, EvseStatus, PowerType
from app.domain.stations.status import EvseView
from app.domain.stations.tables import Connector, Location
from bff.context import Context, Info
from bff.fields import computed
from bff.operators.types.tariff import AdminTariff
from bff.stations.hours import Hours

if TYPE_CHECKING:
    from bff.operators.types.charger import Charger


async def tariff_of(context: Context, tariff_id: UUID | None) -> AdminTariff | None:
    """Return the tariff a row names."""
    row = await context.loaders.tariffs.load(tariff_id) if tariff_id else None
    return AdminTariff.of(row) if row else None


@strawberry.type
class AdminConnector(relay.Node):
    """A socket or cable. `tariff` is the one named for it, not one that holds further out."""

    id: relay.NodeID[UUID]
    number: int
    standard: ConnectorStandard | None
    format: ConnectorFormat | None
    power_type: PowerType | None
    max_power_w: int | None
    row: strawberry.Private[Connector]

    @classmethod
    def of(cls, row: Connector) -> "AdminConnector":
        """Return a connector."""
        return cls(
            id=row.id,
            number=row.number,
            standard=row.standard,
            format=row.format,
            power_type=row.power_type,
            max_power_w=row.max_power_w,
            row=row,
        )

    @computed
    async def tariff(self, info: Info) -> AdminTariff | None:
        """The tariff assigned to this very connector."""
        return await tariff_of(info.context, self.row.tariff_id)


@strawberry.type
class AdminEvse(relay.Node):
    """A charging point. `status` is what drivers see; `reportedStatus` and `ocppStatus` what its charger last said.

    `ocppEvseNo` is the charger's own number for it (OCPP 1.6: the connector id).
    """

    id: relay.NodeID[UUID]
    evse_code: str | None
    physical_reference: str | None
    ocpp_evse_no: int | None
    status: EvseStatus
    reported_status: EvseStatus
    ocpp_status: str | None
    status_at: datetime | None
    last_seen_at: datetime | None
    fault_code: str | None
    operative: bool
    max_power_w: int | None
    connectors: list[AdminConnector]
    view: strawberry.Private[EvseView]

    @classmethod
    def of(cls, view: EvseView) -> "AdminEvse":
        """Return an EVSE with its connectors."""
        row = view.evse
        return cls(
            id=row.id,
            evse_code=row.evse_code,
            physical_reference=row.physical_reference,
            ocpp_evse_no=row.ocpp_evse_no,
            status=view.availability.status,
            reported_status=row.status,
            ocpp_status=row.ocpp_status,
            status_at=row.status_at,
            last_seen_at=view.availability.last_seen_at,
            fault_code=row.fault_code,
            operative=row.operative,
            max_power_w=row.max_power_w,
            connectors=[AdminConnector.of(connector) for connector in view.connectors],
            view=view,
        )

    @computed
    async def location(self, info: Info) -> "AdminLocation | None":
        """Where it stands."""
        row = await info.context.loaders.locations.load(self.view.evse.location_id)
        return AdminLocation.of(row) if row else None

    @computed
    def charger(self) -> Annotated["Charger", strawberry.lazy("bff.operators.types.charger")] | None:
        """The charger that serves it."""
        from bff.operators.types.charger import Charger as Shown  # the two modules know each other

        return Shown.of(self.view.charger) if self.view.charger else None


@strawberry.type
class AdminLocation(relay.Node):
    """A charging site. `source` says which register it came from, `operator` where an operator added it."""

    id: relay.NodeID[UUID]
    source: str
    source_id: str
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
    photos: list[str]
    amenities: list[str]
    directions: str | None
    max_power_w: int | None
    published: bool
    updated_at: datetime
    row: strawberry.Private[Location]

    @classmethod
    def of(cls, row: Location) -> "AdminLocation":
        """Return a location."""
        same = ("name", "operator_name", "address", "city", "postal_code", "country", "time_zone", "access")
        return cls(
            id=row.id,
            source=row.source,
            source_id=row.source_id,
            latitude=float(row.latitude),
            longitude=float(row.longitude),
            photos=[str(photo["url"]) for photo in row.photos],
            amenities=[str(kind) for kind in row.amenities],
            directions=row.directions,
            max_power_w=row.max_power_w,
            published=row.published,
            updated_at=row.updated_at,
            row=row,
            **{name: getattr(row, name) for name in same},
        )

    @computed
    def opening_hours(self) -> Hours | None:
        """When it can be used, in its own time zone; null where unknown."""
        return None if self.row.opening_hours is None else Hours.of(OpeningHours.from_json(self.row.opening_hours))

    @computed
    async def evses(self, info: Info) -> list[AdminEvse]:
        """Its charging points."""
        return [AdminEvse.of(view) for view in await info.context.loaders.evses_of_location.load(self.row.id)]

    @computed
    async def tariff(self, info: Info) -> AdminTariff | None:
        """The tariff assigned to the location as a whole."""
        return await tariff_of(info.context, self.row.tariff_id)


async def evse_by_id(context: Context, evse_id: UUID) -> AdminEvse | None:
    """Return an EVSE as it is now."""
    view = await context.loaders.evses.load(evse_id)
    return AdminEvse.of(view) if view else None
