"""Rectangle, code and id; the EVSEs of locations; and that another brand sees none of it."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.stations.geo import great_circle_m
from app.domain.stations.importing.model import ImportedConnector, ImportedEvse
from app.domain.stations.search import Box, find_evse_by_code, find_in_box, find_nearest, get_location
from app.domain.stations.search_query import StationFilter
from app.domain.stations.states import EvseStatus
from app.domain.stations.status import evses_of_locations
from app.domain.stations.tables import Charger, Evse, Location
from app.kit.errors import InvalidInputError
from app.kit.ids import new_id
from tests.integration.stations.conftest import imported, store

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ALL = StationFilter()


async def test_a_rectangle_holds_what_lies_in_it(sample_network: Database, tenant: Tenant) -> None:
    async with sample_network.read(tenant.id) as session:
        places = [(x.id, float(x.latitude), float(x.longitude)) for x in await session.scalars(select(Location))]
        chance = random.Random(3)
        for _ in range(30):
            south, west = chance.uniform(47, 54), chance.uniform(6, 14)
            box = Box(south, west, south + chance.choice([0.02, 0.5, 6]), west + chance.choice([0.02, 0.5, 9]))
            expected = sorted(
                (great_circle_m(box.centre, (lat, lon)), location_id)
                for location_id, lat, lon in places
                if box.south <= lat <= box.north and box.west <= lon <= box.east
            )
            found = await find_in_box(session, box, ALL, now=NOW, limit=100)
            assert len(found) == min(100, len(expected))
            assert [item.distance_m for item in found] == pytest.approx(
                [distance for distance, _ in expected[:100]], abs=0.01
            )
            if len(expected) <= 100:
                assert {item.location.id for item in found} == {location_id for _, location_id in expected}


async def test_a_rectangle_over_the_antimeridian(app_db: Database, tenant: Tenant) -> None:
    places = {"west": "179.5", "east": "-179.5", "far": "170", "greenwich": "0"}
    await store(app_db, tenant, *(imported(name, "-17", longitude) for name, longitude in places.items()))
    async with app_db.read(tenant.id) as session:
        found = await find_in_box(session, Box(-18, 179, -16, -179), ALL, now=NOW, limit=10)
    assert {item.location.source_id for item in found} == {"west", "east"}


async def test_the_whole_world_is_a_rectangle(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1"), imported("2", "-89", "-179"), imported("3", "0", "180"))
    async with app_db.read(tenant.id) as session:
        assert len(await find_in_box(session, Box(-90, -180, 90, 180), ALL, now=NOW, limit=10)) == 3
        wanted = StationFilter(min_power_w=60_000)
        assert await find_in_box(session, Box(-90, -180, 90, 180), wanted, now=NOW, limit=10) == []


def test_a_rectangle_upside_down_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Box(50, 8, 49, 9)


@pytest.mark.parametrize("code", ["DE*ABC*E100*1", "de-abc-e100-1", " deabce1001 "])
async def test_an_evse_is_found_by_its_code_however_it_is_typed(app_db: Database, tenant: Tenant, code: str) -> None:
    evse = ImportedEvse("1", (ImportedConnector(1),), evse_id="DE*ABC*E100*1")
    await store(app_db, tenant, imported("1", evses=(evse,)), imported("2"))
    async with app_db.read(tenant.id) as session:
        found = await find_evse_by_code(session, code)
        assert found is not None
        assert found.evse_code == "DE*ABC*E100*1"
        assert await find_evse_by_code(session, "DE*ABC*E100*2") is None
        assert await find_evse_by_code(session, " *-* ") is None


async def test_a_location_by_id(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1"))
    async with app_db.read(tenant.id) as session:
        location = (await session.scalars(select(Location))).one()
        assert await get_location(session, location.id) is location
        assert await get_location(session, new_id()) is None


async def test_the_evses_of_locations_with_connectors_and_availability(app_db: Database, tenant: Tenant) -> None:
    evses = tuple(ImportedEvse(str(n), (ImportedConnector(1), ImportedConnector(2))) for n in (10, 2, 1))
    await store(app_db, tenant, imported("1", evses=evses), imported("2", evses=()))
    async with app_db.unit_of_work(tenant.id) as uow:
        charger = Charger(identity="CP1", connected=True, last_seen_at=NOW - timedelta(seconds=15))
        uow.session.add(charger)
        await uow.session.flush()
        evse = (await uow.session.scalars(select(Evse).where(Evse.source_uid == "2"))).one()
        evse.charger_id, evse.ocpp_evse_no, evse.status = charger.id, 1, EvseStatus.AVAILABLE
    async with app_db.read(tenant.id) as session:
        ids = {x.source_id: x.id for x in await session.scalars(select(Location))}
        views = await evses_of_locations(session, list(ids.values()), NOW)
    assert views[ids["2"]] == []
    first = views[ids["1"]]
    assert [view.evse.source_uid for view in first] == ["1", "2", "10"]
    assert [[c.number for c in view.connectors] for view in first] == [[1, 2]] * 3
    assert [view.availability.status for view in first] == [
        EvseStatus.UNKNOWN,
        EvseStatus.AVAILABLE,
        EvseStatus.UNKNOWN,
    ]
    assert first[1].availability.last_seen_age == timedelta(seconds=15)
    assert first[0].availability.last_seen_age is None


async def test_another_brand_sees_nothing(app_db: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1"))
    async with app_db.read(tenant.id) as session:
        location = (await session.scalars(select(Location))).one()
        page = await find_nearest(session, (52.5, 13.4), StationFilter(text="site"), now=NOW, first=5)
        assert len(page.items) == 1
    async with app_db.read(other_tenant.id) as session:
        for wanted in (ALL, StationFilter(text="site"), StationFilter(min_power_w=1)):
            page = await find_nearest(session, (52.5, 13.4), wanted, now=NOW, first=5)
            assert (page.items, page.has_next) == ([], False)
            assert await find_in_box(session, Box(50, 10, 55, 15), wanted, now=NOW, limit=5) == []
        assert await get_location(session, location.id) is None
        assert await find_evse_by_code(session, "DE*T*E1*1") is None
        assert await evses_of_locations(session, [location.id], NOW) == {location.id: []}
        assert (await session.execute(text("select voltlane_locations_with_text(array['%site%'])"))).all() == []


async def test_without_a_tenant_the_text_function_gives_nothing(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1"))
    async with app_db.read(None) as session:
        assert (await session.execute(text("select voltlane_locations_with_text(array['%site%'])"))).all() == []


async def test_the_nearest_search_walks_the_position_index(sample_network: Database, tenant: Tenant) -> None:
    async with sample_network.read(tenant.id) as session:
        plan = await session.execute(
            text("explain select id from locations order by position <-> cube(array[0.6, 0.1, 0.8]), id limit 21")
        )
        assert any("ix_locations_position" in line for (line,) in plan)
