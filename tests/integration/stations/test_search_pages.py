"""Pages by (distance, id): no location twice and none left out, whatever is inserted or removed in between."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.search import Cursor, find_nearest
from app.domain.stations.search_query import StationFilter
from app.domain.stations.tables import Location
from app.kit.errors import InvalidInputError
from tests.integration.stations.conftest import imported, store

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BERLIN = (52.52, 13.405)


async def _ids(database: Database, tenant: Tenant) -> set[UUID]:
    async with database.read(tenant.id) as session:
        return set(await session.scalars(select(Location.id)))


async def test_a_walk_with_inserts_in_between_sees_every_earlier_row_once(
    sample_network: Database, tenant: Tenant
) -> None:
    existing = await _ids(sample_network, tenant)
    chance = random.Random(5)
    seen: list[tuple[float, UUID]] = []
    after: Cursor | None = None
    for page_number in range(1_000):
        async with sample_network.read(tenant.id) as session:
            page = await find_nearest(
                session, BERLIN, StationFilter(), now=NOW, first=chance.choice([17, 100]), after=after
            )
        seen += [(item.distance_m, item.location.id) for item in page.items]
        if not page.has_next:
            break
        # The cursor survives its way through the app as text.
        after = Cursor.decode(page.items[-1].cursor.encode())
        new = [
            imported(f"new{page_number}-{n}", f"{chance.uniform(47.3, 55):.6f}", f"{chance.uniform(6, 15):.6f}")
            for n in range(3)
        ]
        await store(sample_network, tenant, *new)
    ids = [location_id for _, location_id in seen]
    assert len(ids) == len(set(ids))
    assert existing <= set(ids)
    assert len(existing) < len(ids)  # some of the new ones lay ahead
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)


async def test_sites_at_one_spot_are_cut_by_id(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, *(imported(str(n)) for n in range(11)))
    ids: list[UUID] = []
    after: Cursor | None = None
    while True:
        async with app_db.read(tenant.id) as session:
            page = await find_nearest(session, BERLIN, StationFilter(), now=NOW, first=3, after=after)
        ids += [item.location.id for item in page.items]
        if not page.has_next:
            break
        after = page.items[-1].cursor
    assert ids == sorted(await _ids(app_db, tenant))
    assert len(ids) == 11


async def test_pages_of_open_sites_are_exact_where_few_are_open(sample_network: Database, tenant: Tenant) -> None:
    always, never = OpeningHours(twentyfourseven=True).to_json(), OpeningHours().to_json()
    async with sample_network.unit_of_work(tenant.id) as uow:
        locations = list(await uow.session.scalars(select(Location).order_by(Location.id)))
        for number, location in enumerate(locations):
            location.opening_hours = always if number % 97 == 0 else never if number % 2 else None
        open_ids = {location.id for location in locations if location.opening_hours == always}
    ids: list[UUID] = []
    after: Cursor | None = None
    while True:
        async with sample_network.read(tenant.id) as session:
            page = await find_nearest(session, BERLIN, StationFilter(open_now=True), now=NOW, first=10, after=after)
        ids += [item.location.id for item in page.items]
        if not page.has_next:
            break
        after = page.items[-1].cursor
    assert len(ids) == len(open_ids) == 26
    assert set(ids) == open_ids


@pytest.mark.parametrize("text", ["", "x", "!!!", "AAAA", "bm90IGEgY3Vyc29y", "é"])
def test_a_cursor_of_other_origin_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        Cursor.decode(text)
