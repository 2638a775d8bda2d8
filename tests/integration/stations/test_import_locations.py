"""Import: stored as the register says; a second run changes no row; live status and operators' work stay."""

from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.stations.import_locations import import_locations
from app.domain.stations.importing.bnetza import parse_bnetza
from app.domain.stations.importing.irve import parse_irve
from app.domain.stations.importing.model import ImportedConnector, ImportedEvse, RejectedRow
from app.domain.stations.opening_hours import OpeningHours, RegularPeriod
from app.domain.stations.states import ConnectorStandard, EvseStatus
from app.domain.stations.tables import Charger, Connector, Evse, Location
from tests.fakes.clock import FrozenClock
from tests.integration.stations.conftest import SAMPLE, imported, store

IRVE_SAMPLE = Path(__file__).parents[2] / "data" / "irve_sample.csv.gz"


async def _versions(database: Database, tenant: Tenant) -> dict[str, list[tuple[UUID, str]]]:
    """Return id and xmin (the transaction that wrote it) of every row."""
    async with database.read(tenant.id) as session:
        return {
            table: [
                tuple(row) for row in await session.execute(text(f"select id, xmin::text from {table} order by id"))
            ]
            for table in ("locations", "evses", "connectors")
        }


T = TypeVar("T", Location, Evse, Connector)


async def _only(database: Database, tenant: Tenant, table: type[T]) -> T:
    async with database.read(tenant.id) as session:
        return (await session.scalars(select(table))).one()


async def test_a_second_run_changes_no_row(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    progress: list[int] = []
    first = await import_locations(
        app_db, tenant.id, "bnetza", parse_bnetza(SAMPLE), clock=clock, on_progress=progress.append
    )
    assert (first.locations.created, first.evses.created, first.connectors.created) == (2_466, 7_570, 7_570)
    assert len(first.rejected) == 34
    assert progress == [500, 1_000, 1_500, 2_000, 2_500]
    before = await _versions(app_db, tenant)
    assert [len(rows) for rows in before.values()] == [2_466, 7_570, 7_570]

    clock.advance(hours=1)
    second = await import_locations(app_db, tenant.id, "bnetza", parse_bnetza(SAMPLE), clock=clock)
    assert second.changed_nothing
    assert (second.locations.unchanged, second.evses.unchanged, second.connectors.unchanged) == (2_466, 7_570, 7_570)
    assert (second.missing, second.rejected, second.notes) == ([], first.rejected, first.notes)
    assert await _versions(app_db, tenant) == before


async def test_points_of_the_french_register_are_stored_once(
    app_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    first = await import_locations(app_db, tenant.id, "irve", parse_irve(IRVE_SAMPLE), clock=clock)
    before = await _versions(app_db, tenant)
    second = await import_locations(app_db, tenant.id, "irve", parse_irve(IRVE_SAMPLE), clock=clock)
    assert (first.locations.created, first.evses.created, first.connectors.created) == (107, 265, 412)
    assert second.changed_nothing
    assert await _versions(app_db, tenant) == before


async def test_what_is_stored(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    hours = OpeningHours(regular=(RegularPeriod(1, time(8), time(18)),))
    await store(app_db, tenant, imported("1", opening_hours=hours, photos=("u",), amenities=("cafe",)), clock=clock)
    location = await _only(app_db, tenant, Location)
    assert (location.name, location.operator_name, location.city) == ("Site 1", "Operator", "City")
    assert (location.photos, location.amenities) == ([{"url": "u"}], ["cafe"])
    assert OpeningHours.from_json(location.opening_hours or {}) == hours
    assert (location.max_power_w, location.updated_at) == (50_000, clock.now())
    assert location.search_text == "site 1 operator street 1 10115 city"
    evse = await _only(app_db, tenant, Evse)
    assert (evse.evse_code, evse.code_normalized, evse.status) == ("DE*T*E1*1", "DETE11", EvseStatus.UNKNOWN)
    connector = await _only(app_db, tenant, Connector)
    assert (connector.number, connector.standard, connector.max_power_w) == (1, None, 50_000)
    assert connector.tariff_id is None


async def test_a_change_in_the_register_reaches_only_its_row(
    app_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    await store(app_db, tenant, imported("1"), imported("2"), clock=clock)
    before = await _versions(app_db, tenant)
    clock.advance(hours=1)
    report = await store(app_db, tenant, imported("1", city="Town", latitude="52.6"), imported("2"), clock=clock)
    assert (report.locations.updated, report.locations.unchanged) == (1, 1)
    assert (report.evses.unchanged, report.connectors.unchanged) == (2, 2)
    after = await _versions(app_db, tenant)
    assert len(set(after["locations"]) - set(before["locations"])) == 1
    assert (after["evses"], after["connectors"]) == (before["evses"], before["connectors"])
    async with app_db.read(tenant.id) as session:
        moved = (await session.scalars(select(Location).where(Location.source_id == "1"))).one()
        height = await session.scalar(text("select cube_ll_coord(position, 3) from locations where source_id = '1'"))
    assert (moved.city, moved.search_text) == ("Town", "site 1 operator street 1 10115 town")
    assert moved.updated_at == clock.now()
    assert height == pytest.approx(0.794414, abs=1e-6)  # sin 52.6 degrees


async def test_live_status_and_the_operator_s_work_outlive_an_import(
    app_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    await store(app_db, tenant, imported("1", name=None))
    async with app_db.unit_of_work(tenant.id) as uow:
        charger = Charger(identity="CP1", connected=True)
        uow.session.add(charger)
        await uow.session.flush()
        location = (await uow.session.scalars(select(Location))).one()
        evse = (await uow.session.scalars(select(Evse))).one()
        connector = (await uow.session.scalars(select(Connector))).one()
        location.name, location.published = "Our market place", False
        location.photos, location.amenities = [{"url": "ours"}], ["cafe"]
        evse.charger_id, evse.ocpp_evse_no, evse.status, evse.operative = charger.id, 1, EvseStatus.CHARGING, False
        connector.standard = ConnectorStandard.CHADEMO  # the register names none
    report = await store(app_db, tenant, imported("1", name=None, city="Town"))
    assert (report.locations.updated, report.evses.unchanged, report.connectors.unchanged) == (1, 1, 1)
    location, evse = await _only(app_db, tenant, Location), await _only(app_db, tenant, Evse)
    assert (location.name, location.published, location.city) == ("Our market place", False, "Town")
    assert (location.photos, location.amenities) == ([{"url": "ours"}], ["cafe"])
    assert location.search_text.startswith("our market place")
    assert (evse.charger_id, evse.status, evse.operative) == (charger.id, EvseStatus.CHARGING, False)
    assert (await _only(app_db, tenant, Connector)).standard is ConnectorStandard.CHADEMO


async def test_a_stand_in_name_follows_the_register(app_db: Database, tenant: Tenant) -> None:
    await store(app_db, tenant, imported("1", name=None))
    assert (await _only(app_db, tenant, Location)).name == "Operator, Street 1"
    await store(app_db, tenant, imported("1", name=None, operator_name="Successor"))
    assert (await _only(app_db, tenant, Location)).name == "Successor, Street 1"


async def test_what_is_gone_from_the_file_stays_and_is_reported(app_db: Database, tenant: Tenant) -> None:
    two = imported("koeln:1", evses=(*imported("koeln:1").evses, ImportedEvse("2", ())))
    await store(app_db, tenant, two, imported("koeln:2"), imported("bonn:1"))
    report = await store(app_db, tenant, imported("koeln:1"))
    assert report.missing == ["koeln:2"]  # of the networks the file speaks of
    async with app_db.read(tenant.id) as session:
        assert await session.scalar(select(func.count()).select_from(Location)) == 3
        assert await session.scalar(select(func.count()).select_from(Evse)) == 4


async def test_rejected_rows_are_reported_and_the_rest_is_stored(app_db: Database, tenant: Tenant) -> None:
    bad = RejectedRow(7, "no coordinates", "lat")
    long = imported("3", line=9, postal_code="9" * 21)
    report = await store(app_db, tenant, bad, imported("1"), long)
    assert report.rejected == [
        bad,
        RejectedRow(9, "'99999999999999999999'… is longer than 20 characters", "postal_code"),
    ]
    assert (await _only(app_db, tenant, Location)).source_id == "1"


@pytest.mark.parametrize("batch_size", [1, 500])
async def test_a_code_leads_to_one_evse(app_db: Database, tenant: Tenant, batch_size: int) -> None:
    thief = imported("2", line=5, evses=(ImportedEvse("1", (), evse_id="de-t-e1-1"),))
    for _ in range(2):
        report = await store(app_db, tenant, imported("1"), thief, batch_size=batch_size)
        assert [(n.line, n.field) for n in report.notes] == [(5, "evse_id")]
    assert report.changed_nothing
    async with app_db.read(tenant.id) as session:
        codes = await session.scalars(select(Evse.code_normalized).order_by(Evse.code_normalized))
        assert list(codes) == ["DETE11", None]


async def test_a_failing_batch_keeps_nothing_and_the_earlier_ones_stay(app_db: Database, tenant: Tenant) -> None:
    twice = imported("2", evses=(ImportedEvse("x", ()), ImportedEvse("x", ())))
    with pytest.raises(Exception, match="unique"):
        await store(app_db, tenant, imported("1"), twice, batch_size=1)
    assert (await _only(app_db, tenant, Location)).source_id == "1"
    fixed = replace(twice, evses=(ImportedEvse("x", (ImportedConnector(1),)),))
    report = await store(app_db, tenant, imported("1"), fixed, batch_size=1)
    assert (report.locations.created, report.locations.unchanged) == (1, 1)


async def test_two_brands_import_the_same_register_apart(
    app_db: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    await store(app_db, tenant, imported("1"))
    before = await _versions(app_db, tenant)
    report = await store(app_db, other_tenant, imported("1", name="Theirs"))
    assert (report.locations.created, report.notes) == (1, [])
    assert await _versions(app_db, tenant) == before
    assert (await _only(app_db, tenant, Location)).name == "Site 1"
    assert (await _only(app_db, other_tenant, Location)).name == "Theirs"
