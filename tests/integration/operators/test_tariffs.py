"""Tariffs published, assigned and archived by operators."""

import json
from decimal import Decimal

from sqlalchemy import select

from app.domain.pricing.store import tariff_for
from app.domain.pricing.tables import TariffRow
from app.domain.stations.tables import Connector, Evse, Location
from app.domain.tariffs import parse_tariff
from bff.ids import global_id
from tests.integration.operators.office import Office, row_of

SIMPLE = {"energyPerKwh": "0.5925", "idlePerMinute": "0.10", "idleGraceMinutes": 10, "vatPercent": "19"}


async def _in_force(office: Office) -> TariffRow:
    """Return the tariff that holds at the network's first connector."""
    net = office.world.net
    async with office.world.app.unit_of_work(office.world.tenant.id) as uow:
        evse = await uow.session.get_one(Evse, net.evse)
        return await tariff_for(uow, evse, await uow.session.get_one(Connector, net.connectors[0]))


async def test_a_tariff_of_everyday_figures_is_published_and_replaced(office: Office) -> None:
    made = (await office.do("OperatorPublishTariff", name="Schnell", simple=SIMPLE))["tariff"]
    row = await office.one(select(TariffRow).where(TariffRow.id == row_of(made)))
    tariff = parse_tariff(row.content)
    (element,) = tariff.elements
    assert [(c.type.value, c.price, c.vat) for c in element.price_components] == [
        ("ENERGY", Decimal("0.5925"), Decimal(19)),
        ("PARKING_TIME", Decimal(6), Decimal(19)),
    ]
    assert (row.version, row.is_default, row.currency, tariff.x_idle_grace_seconds) == (1, False, "EUR", 600)
    assert made["components"][0]["grossPrice"] == "0.5925"
    dearer = SIMPLE | {"energyPerKwh": "0.69"}
    again = (await office.do("OperatorPublishTariff", name="Schnell", tariffId=made["id"], simple=dearer))["tariff"]
    assert (again["id"], again["version"]) == (made["id"], 2)
    replaced = await office.one(select(TariffRow).where(TariffRow.id == row.id))
    assert (replaced.content_hash != row.content_hash, replaced.content["id"]) == (True, row.content["id"])
    assert await office.audits("publishTariff") == 2


async def test_an_ocpi_object_is_published_exactly(office: Office) -> None:
    document = {
        "id": "NIGHT-1",
        "currency": "EUR",
        "elements": [
            {
                "price_components": [{"type": "ENERGY", "price": 0.1, "vat": 19, "step_size": 1}],
                "restrictions": {"start_time": "22:00", "end_time": "06:00"},
            },
            {"price_components": [{"type": "ENERGY", "price": 0.5, "vat": 19, "step_size": 1}]},
        ],
    }
    made = (await office.do("OperatorPublishTariff", name="Nacht", ocpi=json.dumps(document), makeDefault=True))[
        "tariff"
    ]
    assert made["ocpi"]["elements"][0]["price_components"][0]["price"] == "0.1"
    assert made["isDefault"] is True
    assert (await _in_force(office)).id == row_of(made)
    old = await office.one(select(TariffRow).where(TariffRow.id == office.world.net.tariff_id))
    assert old.is_default is False
    assert (await office.audited("publishTariff")).input["hash"] == made["hash"]


async def test_what_is_wrong_with_a_tariff_is_told_with_its_place(office: Office) -> None:
    before = await office.fingerprint()
    wrong = {"id": "X", "currency": "EUR", "elements": [{"price_components": [{"type": "ENERGY", "price": "cheap"}]}]}
    payload = await office.attempt("OperatorPublishTariff", name="Falsch", ocpi=json.dumps(wrong))
    (error,) = payload["userErrors"]
    assert (payload["tariff"], error["code"]) == (None, "INVALID_TARIFF")
    assert error["message"].startswith("elements[0].price_components[0].price: ")
    for given, code in (
        ({"ocpi": "{"}, "INVALID_TARIFF"),
        ({"simple": {"energyPerKwh": "0.5", "currency": "XXY"}}, "INVALID_TARIFF"),
        ({}, "INVALID_INPUT"),
        ({"simple": SIMPLE, "ocpi": "{}"}, "INVALID_INPUT"),
        ({"simple": SIMPLE, "tariffId": global_id("AdminTariff", office.world.net.evse)}, "NOT_FOUND"),
    ):
        assert await office.refused("OperatorPublishTariff", name="Falsch", **given) == code
    assert await office.refused("OperatorPublishTariff", name=" ", simple=SIMPLE) == "INVALID_INPUT"
    assert await office.fingerprint() == before


async def test_a_tariff_holds_where_it_is_assigned(office: Office) -> None:
    site = (await office.do("OperatorPublishTariff", name="Ort", simple=SIMPLE))["tariff"]
    plug = (await office.do("OperatorPublishTariff", name="Stecker", simple=SIMPLE))["tariff"]
    await office.do("OperatorAssignTariff", tariffId=site["id"], locationId=office.location_id)
    assert (await _in_force(office)).id == row_of(site)
    await office.do("OperatorAssignTariff", tariffId=plug["id"], connectorId=office.connector_id)
    assert (await _in_force(office)).id == row_of(plug)
    await office.do("OperatorAssignTariff", tariffId=None, connectorId=office.connector_id)
    assert (await _in_force(office)).id == row_of(site)
    await office.do("OperatorAssignTariff", tariffId=site["id"], default=True)
    location = await office.one(select(Location).where(Location.id == office.world.net.location_id))
    assert location.tariff_id == row_of(site)
    assert await office.audits("assignTariff") == 4
    await office.do("OperatorAssignTariff", tariffId=site["id"], default=True)
    assert await office.audits("assignTariff") == 4
    assert await office.refused("OperatorAssignTariff", tariffId=site["id"]) == "INVALID_INPUT"
    both = {"connectorId": office.connector_id, "locationId": office.location_id}
    assert await office.refused("OperatorAssignTariff", tariffId=site["id"], **both) == "INVALID_INPUT"


async def test_a_tariff_in_use_is_not_archived(office: Office) -> None:
    made = (await office.do("OperatorPublishTariff", name="Alt", simple=SIMPLE))["tariff"]
    await office.do("OperatorAssignTariff", tariffId=made["id"], connectorId=office.connector_id)
    assert await office.refused("OperatorArchiveTariff", id=made["id"]) == "TARIFF_IN_USE"
    default = global_id("AdminTariff", office.world.net.tariff_id or office.world.net.evse)
    assert await office.refused("OperatorArchiveTariff", id=default) == "TARIFF_IN_USE"
    await office.do("OperatorAssignTariff", tariffId=None, connectorId=office.connector_id)
    await office.do("OperatorArchiveTariff", id=made["id"])
    await office.do("OperatorArchiveTariff", id=made["id"])
    row = await office.one(select(TariffRow).where(TariffRow.id == row_of(made)))
    assert row.archived_at == office.world.clock.now()
    assert await office.audits("archiveTariff") == 1
    assert await office.refused("OperatorAssignTariff", tariffId=made["id"], default=True) == "NOT_FOUND"
    listed = await office.run("OperatorTariffs", first=10)
    assert [edge["node"]["id"] for edge in listed["edges"]] == [default]
    archived = await office.run("OperatorTariffs", first=10, archived=True)
    assert [edge["node"]["id"] for edge in archived["edges"]] == [made["id"]]
