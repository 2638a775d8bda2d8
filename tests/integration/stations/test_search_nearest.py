"""Nearest search equals brute force with geopy's great circle over the carried sample, with and without filters."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import pytest
from geopy.distance import great_circle
from sqlalchemy import select, update

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.stations.normalise import normalise_search_text
from app.domain.stations.opening_hours import OpeningHours, RegularPeriod, is_open
from app.domain.stations.search import find_nearest
from app.domain.stations.search_query import StationFilter
from app.domain.stations.states import ConnectorStandard, EvseStatus
from app.domain.stations.tables import Charger, Connector, Evse, Location
from app.kit.errors import InvalidInputError
from tests.integration.stations.conftest import imported, store

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # a Friday, 11:00 in Berlin
CCS, CHADEMO = ConnectorStandard.IEC_62196_T2_COMBO, ConnectorStandard.CHADEMO
# Distances closer than this are one distance: two formulas in doubles may order such neighbours either way.
TIE_M = 0.001


@dataclass(frozen=True)
class Site:
    """A location as brute force sees it."""

    location: Location
    offers: list[tuple[Evse, Connector, Charger | None]]


async def _dress(database: Database, tenant: Tenant) -> None:
    """Give the sample plugs, hours and chargers, which the register does not name, by a fixed lottery."""
    chance = random.Random(7)
    workdays = OpeningHours(regular=tuple(RegularPeriod(d, time(8), time(18)) for d in range(1, 6)))
    nights = OpeningHours(regular=tuple(RegularPeriod(d, time(20), time(0)) for d in range(1, 8)))
    always = OpeningHours(twentyfourseven=True)
    async with database.unit_of_work(tenant.id) as uow:
        session = uow.session
        for location in await session.scalars(select(Location)):
            hours = chance.choice([None, None, workdays, nights, always])
            location.opening_hours = hours.to_json() if hours else None
            location.published = chance.random() > 0.02
        for connector in await session.scalars(select(Connector)):
            connector.standard = chance.choice([None, CCS, CCS, CHADEMO])
        chargers = [Charger(identity=f"CP{n}", connected=n % 4 != 0, operative=n % 7 != 0) for n in range(120)]
        session.add_all(chargers)
        await session.flush()
        evses = list(await session.scalars(select(Evse).order_by(Evse.id)))
        for charger, evse in zip(chargers, chance.sample(evses, len(chargers)), strict=True):
            evse.charger_id, evse.ocpp_evse_no = charger.id, 1
        for evse in evses:  # an old status without a charger counts for nothing
            evse.status = chance.choice([EvseStatus.AVAILABLE, EvseStatus.AVAILABLE, EvseStatus.CHARGING])


async def _sites(database: Database, tenant: Tenant) -> list[Site]:
    async with database.read(tenant.id) as session:
        locations = {x.id: Site(x, []) for x in await session.scalars(select(Location))}
        rows = await session.execute(
            select(Evse, Connector, Charger)
            .join(Connector, Connector.evse_id == Evse.id)
            .outerjoin(Charger, Charger.id == Evse.charger_id)
        )
        for evse, connector, charger in rows:
            locations[evse.location_id].offers.append((evse, connector, charger))
    return list(locations.values())


def _meets(site: Site, wanted: StationFilter) -> bool:
    def offer_meets(evse: Evse, connector: Connector, charger: Charger | None) -> bool:
        if wanted.min_power_w is not None and (connector.max_power_w or 0) < wanted.min_power_w:
            return False
        if wanted.connector_standards and connector.standard not in wanted.connector_standards:
            return False
        if not wanted.available_now:
            return True
        usable = charger is not None and charger.connected and charger.operative
        return usable and evse.operative and evse.status is EvseStatus.AVAILABLE

    location = site.location
    if not location.published:
        return False
    if wanted.open_now:
        hours = OpeningHours.from_json(location.opening_hours) if location.opening_hours else None
        if is_open(hours, location.time_zone, NOW) is not True:
            return False
    haystack = normalise_search_text(
        location.name, location.operator_name, location.address, location.postal_code, location.city
    )
    if not all(word in haystack for word in normalise_search_text(wanted.text).split()):
        return False
    return any(offer_meets(*offer) for offer in site.offers)


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(great_circle(a, b).m)  # type: ignore[no-untyped-call]


def _by_brute_force(sites: list[Site], point: tuple[float, float], radius_m: float | None) -> list[tuple[float, UUID]]:
    measured = [
        (_metres(point, (float(s.location.latitude), float(s.location.longitude))), s.location.id) for s in sites
    ]
    return sorted(pair for pair in measured if radius_m is None or pair[0] <= radius_m)


def _assert_same(found: list[tuple[float, UUID]], expected: list[tuple[float, UUID]], first: int) -> None:
    assert len(found) == min(first, len(expected))
    distances = {location_id: distance for distance, location_id in expected}
    for (distance, location_id), (expected_distance, _) in zip(found, expected, strict=False):
        assert distance == pytest.approx(expected_distance, abs=TIE_M)
        assert distance == pytest.approx(distances[location_id], abs=TIE_M)
    assert len({location_id for _, location_id in found}) == len(found)
    if len(expected) == len(found) or expected[first][0] - expected[first - 1][0] > TIE_M:
        assert {i for _, i in found} == {i for _, i in expected[: len(found)]}


FILTERS = [
    StationFilter(),
    StationFilter(min_power_w=150_000),
    StationFilter(connector_standards=frozenset({CCS})),
    StationFilter(min_power_w=300_000, connector_standards=frozenset({CHADEMO})),
    StationFilter(available_now=True),
    StationFilter(available_now=True, min_power_w=100_000, connector_standards=frozenset({CCS, CHADEMO})),
    StationFilter(open_now=True),
    StationFilter(text="EnBW Köln"),
    StationFilter(text="straße berl", open_now=True, min_power_w=50_000),
    StationFilter(text="no such thing anywhere"),
    StationFilter(text="100%_"),
]


async def test_nearest_equals_brute_force(sample_network: Database, tenant: Tenant) -> None:
    await _dress(sample_network, tenant)
    sites = await _sites(sample_network, tenant)
    chance = random.Random(2026)
    for wanted in FILTERS:
        meeting = [site for site in sites if _meets(site, wanted)]
        assert bool(meeting) is (wanted.text not in {"no such thing anywhere", "100%_"})
        for _ in range(8):
            point = chance.uniform(47, 55.1), chance.uniform(5.8, 15.1)
            first, radius_m = chance.choice([1, 7, 40, 100]), chance.choice([None, None, 5_000.0, 80_000.0])
            async with sample_network.read(tenant.id) as session:
                page = await find_nearest(session, point, wanted, now=NOW, first=first, radius_m=radius_m)
            expected = _by_brute_force(meeting, point, radius_m)
            _assert_same([(i.distance_m, i.location.id) for i in page.items], expected, first)
            assert page.has_next is (len(expected) > first)


@pytest.mark.parametrize("point", [(90.0, 0.0), (-90.0, 33.0), (0.0, 180.0), (0.0, -180.0), (-51.2, -169.5)], ids=str)
async def test_points_at_the_ends_of_the_world(app_db: Database, tenant: Tenant, point: tuple[float, float]) -> None:
    places = [("52.5", "13.4"), ("-17.7", "179.99"), ("-17.7", "-179.99"), ("-77.8", "166.6"), ("89.9", "-120")]
    await store(app_db, tenant, *(imported(str(n), lat, lon) for n, (lat, lon) in enumerate(places)))
    sites = await _sites(app_db, tenant)
    async with app_db.read(tenant.id) as session:
        page = await find_nearest(session, point, StationFilter(), now=NOW, first=10)
    found = [(item.distance_m, item.location.id) for item in page.items]
    expected = _by_brute_force(sites, point, None)
    assert [i for _, i in found] == [i for _, i in expected] or point[0] in {90.0, -90.0, 0.0}
    assert [d for d, _ in found] == pytest.approx([d for d, _ in expected], abs=0.5)


async def test_power_standard_and_availability_meet_in_one_connector(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1"))
    async with app_db.unit_of_work(tenant.id) as uow:
        evse = (await uow.session.scalars(select(Evse))).one()
        uow.session.add(Connector(evse_id=evse.id, number=2, standard=CHADEMO, max_power_w=20_000))
        await uow.session.execute(update(Connector).where(Connector.number == 1).values(standard=CCS))
    async with app_db.read(tenant.id) as session:

        async def count(**filters: Any) -> int:
            page = await find_nearest(session, (52.5, 13.4), StationFilter(**filters), now=NOW, first=5)
            return len(page.items)

        assert await count(connector_standards=frozenset({CCS}), min_power_w=50_000) == 1
        assert await count(connector_standards=frozenset({CHADEMO}), min_power_w=50_000) == 0
        assert await count(connector_standards=frozenset({CHADEMO}), min_power_w=20_000) == 1


async def test_a_site_without_a_connected_charger_is_never_available(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1"))
    for connected, expected in ((None, 0), (False, 0), (True, 1)):
        async with app_db.unit_of_work(tenant.id) as uow:
            evse = (await uow.session.scalars(select(Evse))).one()
            evse.status = EvseStatus.AVAILABLE
            if connected is not None:
                charger = await uow.session.scalar(select(Charger)) or Charger(identity="CP1")
                charger.connected = connected
                uow.session.add(charger)
                await uow.session.flush()
                evse.charger_id, evse.ocpp_evse_no = charger.id, 1
        async with app_db.read(tenant.id) as session:
            wanted = StationFilter(available_now=True)
            page = await find_nearest(session, (52.5, 13.4), wanted, now=NOW, first=5)
        assert len(page.items) == expected


@pytest.mark.parametrize(
    ("point", "options"),
    [((91, 0), {}), ((0, 181), {}), ((float("nan"), 0), {}), ((0, 0), {"first": 0}), ((0, 0), {"first": 101}),
     ((0, 0), {"radius_m": -1}), ((0, 0), {"radius_m": float("nan")})],
)  # fmt: skip
async def test_bad_questions_are_refused(
    app_db: Database, tenant: Tenant, point: tuple[float, float], options: dict[str, Any]
) -> None:
    async with app_db.read(tenant.id) as session:
        with pytest.raises(InvalidInputError):
            await find_nearest(session, point, StationFilter(), now=NOW, **({"first": 5} | options))
