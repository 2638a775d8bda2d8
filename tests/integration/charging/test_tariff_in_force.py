"""Which price a charge begins with: the connector's, else its location's, else the brand's default."""

from decimal import Decimal
from uuid import UUID

from app.domain.charging.tables import ChargingSession
from app.domain.pricing.store import publish_tariff
from app.domain.pricing.tables import TariffRow, TariffSnapshot
from app.domain.stations.tables import Connector, Location
from tests.factories.network import a_tariff
from tests.factories.world import World


async def _tariff(world: World, price: str) -> UUID:
    content = a_tariff(id=f"T-{price}", energy_per_kwh=Decimal(price)).to_json()
    async with world.app.unit_of_work(world.tenant.id) as uow:
        return (await publish_tariff(uow, name=price, content=content)).id


async def _frozen(world: World, session_id: UUID) -> UUID:
    session = await world.row(ChargingSession, session_id)
    assert session.tariff_snapshot_id is not None
    return (await world.row(TariffSnapshot, session.tariff_snapshot_id)).tariff_id


async def test_the_nearest_tariff_holds(world: World) -> None:
    locations, connectors = await _tariff(world, "0.49"), await _tariff(world, "0.39")
    (default,) = [row.id for row in await world.rows(TariffRow) if row.is_default]
    charges = [(None, None, default), (locations, None, locations), (locations, connectors, connectors)]
    for location_tariff, connector_tariff, expected in charges:
        await world.change(Location, world.net.location_id, tariff_id=location_tariff)
        await world.change(Connector, world.net.connectors[0], tariff_id=connector_tariff)
        session_id = await world.start(await world.new_driver())
        assert await _frozen(world, session_id) == expected
        await world.stop(session_id)
