"""Stations, prices and quotes through the app's documents; how many statements they take."""

from decimal import Decimal
from uuid import UUID

import pytest

from app.domain.stations.geo import cube_text
from app.domain.stations.states import ConnectorStandard, EvseStatus
from app.domain.stations.tables import Connector, Evse, Location
from bff.ids import global_id
from tests.factories.network import a_tariff, publish
from tests.integration.bff.api import Api

BERLIN = {"latitude": 52.52, "longitude": 13.41}


async def _site(api: Api, number: int, *, published: bool = True, tariff: UUID | None = None) -> Location:
    """Add a site of a register, without a charger of ours, further north for each number."""
    latitude = 52.6 + number / 100
    async with api.world.app.unit_of_work(api.world.tenant.id) as uow:
        location = Location(
            source="register",
            source_id=f"S{number}",
            name=f"Site {number}",
            country="DE",
            latitude=Decimal(str(latitude)),
            longitude=Decimal("13.41"),
            position=cube_text((latitude, 13.41)),
            time_zone="Europe/Berlin",
            opening_hours={"twentyfourseven": True},
            published=published,
            tariff_id=tariff,
        )
        uow.session.add(location)
        await uow.session.flush()
        evse = Evse(location_id=location.id, source_uid="1", max_power_w=150_000)
        uow.session.add(evse)
        await uow.session.flush()
        for each in (1, 2):
            uow.session.add(Connector(evse_id=evse.id, number=each, standard=ConnectorStandard.CHADEMO))
        return location


async def test_the_nearest_come_first_page_by_page(api: Api) -> None:
    for number in range(5):
        await _site(api, number)
    await _site(api, 9, published=False)
    names: list[str] = []
    after = None
    while True:
        page = (await api.run("StationsAround", center=BERLIN, first=2, after=after)).data["stationsAround"]
        names += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert names == ["Site of CP1", *(f"Site {number}" for number in range(5))]
    filtered = await api.run(
        "StationsAround",
        center=BERLIN,
        first=10,
        filter={"standards": ["CHADEMO"], "openNow": True},
        radiusMeters=10_500,
    )
    assert [edge["node"]["name"] for edge in filtered.data["stationsAround"]["edges"]] == ["Site 0", "Site 1"]
    box = {"south": 52.595, "west": 13.0, "north": 52.625, "east": 14.0}
    boxed = (await api.run("StationsInBox", box=box, first=10)).data["stationsInBox"]
    assert sorted(station["name"] for station in boxed) == ["Site 0", "Site 1", "Site 2"]


async def test_what_nobody_told_us_is_null(api: Api) -> None:
    site = await _site(api, 1)
    station = (await api.run("Station", id=global_id("Station", site.id))).data["station"]
    assert station["openingHours"]["twentyFourSeven"] is True
    (evse,) = station["evses"]
    assert (evse["status"], evse["lastSeenSeconds"]) == ("UNKNOWN", None)
    assert [(each["standard"], each["powerType"], each["price"]) for each in evse["connectors"]] == [
        ("CHADEMO", None, None)
    ] * 2
    assert station["availability"] == {"status": "UNKNOWN", "available": 0, "total": 1, "lastSeenSeconds": None}


async def test_a_station_that_is_not_published_is_not_there(api: Api) -> None:
    site = await _site(api, 1, published=False)
    assert (await api.run("Station", id=global_id("Station", site.id))).code == "NOT_FOUND"
    assert (await api.run("Node", id=global_id("Station", site.id))).code == "NOT_FOUND"


async def test_an_evse_is_found_by_its_sticker_whatever_its_spelling(api: Api) -> None:
    async with api.world.app.unit_of_work(api.world.tenant.id) as uow:
        evse = await uow.session.get_one(Evse, api.world.net.evse)
        evse.code_normalized = "DEVLTECP11"
    found = (await api.run("EvseByCode", code="de-vlt-ecp1-1")).data["evseByCode"]
    assert (found["id"], found["station"]["name"]) == (api.evse_id, "Site of CP1")
    assert (await api.run("EvseByCode", code="nothing")).data["evseByCode"] is None
    node = (await api.run("Node", id=api.evse_id)).data["node"]
    assert (node["__typename"], node["status"]) == ("Evse", "AVAILABLE")


async def test_the_price_is_told_exactly_in_the_order_of_the_law(api: Api) -> None:
    station = (await api.run("Station", id=global_id("Station", api.world.net.location_id))).data["station"]
    price = station["evses"][0]["connectors"][0]["price"]
    assert [(each["kind"], each["unit"], each["grossPrice"]) for each in price["components"]] == [
        ("ENERGY", "KWH", "0.59"),
        ("IDLE", "MINUTE", "0.1"),
    ]
    assert price["components"][0]["netPrice"] == "0.495798"
    assert price["summary"] == {
        "de": "0,59\xa0€/kWh · Blockieren 0,10\xa0€/min",
        "en": "€0.59/kWh · blocking €0.10/min",
    }


async def test_a_quote_is_what_the_start_freezes(api: Api) -> None:
    given = {"evseId": api.evse_id, "energyWh": "20000", "idleSeconds": 600}
    quote = (await api.run("Quote", input=given)).data["quote"]
    assert quote["hold"]["amountMinor"] == "5000"
    assert quote["estimate"]["amountMinor"] == str(20 * 59 + 100)
    assert quote["worstCase"]["amountMinor"] == str(20 * 59 + 100)
    assert quote["priceChangesAhead"] is False
    unplanned = (await api.run("Quote", input={"evseId": api.evse_id, "maxCostMinor": "1500"})).data["quote"]
    assert (unplanned["estimate"], unplanned["worstCase"], unplanned["hold"]["amountMinor"]) == (None, None, "1500")
    _, token = await api.sign_up()
    await publish(
        api.world.app, api.world.tenant, a_tariff(energy_per_kwh=Decimal("0.61")), tariff_id=api.world.net.tariff_id
    )
    stale = await api.start(token, key="start-stale", quotedTariffHash=quote["tariff"]["hash"])
    assert stale["userErrors"][0]["code"] == "PRICE_CHANGED"
    fresh = (await api.run("Quote", input=given)).data["quote"]["tariff"]["hash"]
    started = await api.start(token, key="start-fresh", quotedTariffHash=fresh)
    assert started["userErrors"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"energyWh": "-1"}, "energyWh"),
        ({"idleSeconds": 10**6}, "idleSeconds"),
        ({"maxCostMinor": "0"}, "maxCostMinor"),
    ],
)
async def test_a_quote_refuses_what_cannot_be(api: Api, given: dict[str, object], field: str) -> None:
    answer = await api.run("Quote", input={"evseId": api.evse_id, **given})
    assert (answer.code, answer.body["errors"][0]["extensions"]["field"]) == ("INVALID_INPUT", field)


async def test_a_charging_point_without_a_price_has_no_quote(api: Api) -> None:
    site = await _site(api, 1)
    station = (await api.run("Station", id=global_id("Station", site.id))).data["station"]
    assert (await api.run("Quote", input={"evseId": station["evses"][0]["id"]})).code == "NO_TARIFF"
    assert (await api.run("Quote", input={"evseId": global_id("Evse", site.id)})).code == "NOT_FOUND"


async def test_a_page_takes_the_same_statements_however_long_it_is(api: Api, statements: list[str]) -> None:
    await api.run("Brand")
    counts = []
    for number in range(2):
        for each in range(number * 10, number * 10 + 10):
            await _site(api, each, tariff=api.world.net.tariff_id)
        statements.clear()
        page = (await api.run("StationsAround", center=BERLIN, first=1 + (number + 1) * 10)).data["stationsAround"]
        assert len(page["edges"]) == 1 + (number + 1) * 10
        assert all(evse["connectors"][0]["price"] for edge in page["edges"] for evse in edge["node"]["evses"])
        counts.append(len(statements))
    # Candidates, their locations; EVSEs with chargers, connectors; named tariffs; the default tariff.
    assert counts == [6, 6]


async def test_availability_follows_the_charger(api: Api) -> None:
    station = global_id("Station", api.world.net.location_id)
    await api.world.report(EvseStatus.FAULTED)
    one = (await api.run("Station", id=station)).data["station"]
    assert (one["availability"]["status"], one["availability"]["available"]) == ("AVAILABLE", 1)
    assert [evse["status"] for evse in one["evses"]] == ["FAULTED", "AVAILABLE"]
