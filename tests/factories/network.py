"""A small charging network in the database: a location with a connected charger, its EVSEs and a published tariff."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.charging.messages import ChargerRef
from app.domain.pricing.store import publish_tariff
from app.domain.stations.connection import mark_connected
from app.domain.stations.geo import cube_text
from app.domain.stations.states import (
    ConnectorFormat,
    ConnectorStandard,
    EvseStatus,
    OcppVersion,
    PowerType,
)
from app.domain.stations.tables import Charger, Connector, Evse, Location
from app.domain.tariffs import Tariff, simple_tariff
from app.kit.clock import Clock, SystemClock


@dataclass(frozen=True)
class Network:
    """What `network` made. EVSEs are in the order of their OCPP numbers, from 1 on."""

    ref: ChargerRef
    location_id: UUID
    tariff_id: UUID | None
    evses: list[UUID] = field(default_factory=list)
    connectors: list[UUID] = field(default_factory=list)

    @property
    def charger_id(self) -> UUID:
        """The charger's row."""
        return self.ref.charger_id

    @property
    def evse(self) -> UUID:
        """The first EVSE."""
        return self.evses[0]


def a_tariff(**prices: Any) -> Tariff:
    """Return a tariff of 0.59 EUR/kWh and 0.10 EUR/min idle fee, VAT 19 % included, unless told otherwise."""
    defaults: dict[str, Any] = {
        "id": "T1",
        "currency": "EUR",
        "energy_per_kwh": Decimal("0.59"),
        "idle_per_minute": Decimal("0.10"),
        "vat_percent": Decimal(19),
    }
    return simple_tariff(**defaults | prices)


async def publish(database: Database, tenant: Tenant, tariff: Tariff, *, tariff_id: UUID | None = None) -> UUID:
    """Publish a tariff as the brand's default; return its row's id."""
    async with database.unit_of_work(tenant.id) as uow:
        row = await publish_tariff(uow, name="Standard", content=tariff.to_json(), tariff_id=tariff_id, is_default=True)
        return row.id


async def location(uow: UnitOfWork, name: str = "Alexanderplatz", **changes: Any) -> Location:
    """Add a location in Berlin."""
    fields: dict[str, Any] = {
        "source": "operator",
        "source_id": name,
        "name": name,
        "country": "DE",
        "latitude": Decimal("52.521900"),
        "longitude": Decimal("13.413200"),
        "position": cube_text((52.5219, 13.4132)),
        "time_zone": "Europe/Berlin",
    }
    row = Location(**fields | changes)
    uow.session.add(row)
    await uow.session.flush()
    return row


async def network(
    database: Database,
    tenant: Tenant,
    *,
    identity: str = "CP1",
    version: OcppVersion = OcppVersion.V16,
    evses: int = 1,
    max_power_w: int | None = 50_000,
    status: EvseStatus = EvseStatus.AVAILABLE,
    connected: bool = True,
    tariff: Tariff | None = None,
    priced: bool = True,
    clock: Clock | None = None,
) -> Network:
    """Add a location with one charger; `priced=False` publishes no tariff."""
    tariff_id = await publish(database, tenant, tariff or a_tariff()) if priced else None
    async with database.unit_of_work(tenant.id) as uow:
        place = await location(uow, f"Site of {identity}")
        charger = Charger(identity=identity, location_id=place.id)
        uow.session.add(charger)
        await uow.session.flush()
        ref = ChargerRef(tenant_id=tenant.id, charger_id=charger.id, identity=identity, version=version)
        made = Network(ref, place.id, tariff_id)
        for number in range(1, evses + 1):
            await _add_evse(uow, made, number, max_power_w, status)
        if connected:
            await mark_connected(uow, clock or SystemClock(), charger.id, node="node-1", version=version)
    return made


async def _add_evse(uow: UnitOfWork, made: Network, number: int, max_power_w: int | None, status: EvseStatus) -> None:
    evse = Evse(
        location_id=made.location_id,
        source_uid=f"{made.ref.identity}-{number}",
        evse_code=f"DE*VLT*E{made.ref.identity}*{number}",
        charger_id=made.charger_id,
        ocpp_evse_no=number,
        status=status,
        max_power_w=max_power_w,
    )
    uow.session.add(evse)
    await uow.session.flush()
    connector = Connector(
        evse_id=evse.id,
        number=1,
        standard=ConnectorStandard.IEC_62196_T2_COMBO,
        format=ConnectorFormat.CABLE,
        power_type=PowerType.DC,
        max_power_w=max_power_w,
    )
    uow.session.add(connector)
    await uow.session.flush()
    made.evses.append(evse.id)
    made.connectors.append(connector.id)
