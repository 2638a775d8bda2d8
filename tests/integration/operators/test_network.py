"""Locations, chargers, EVSEs and connectors through the API, looked at in the stored rows and the audit log."""

from decimal import Decimal

from sqlalchemy import select

from app.db.tables import Event
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.operators.tables import OperatorRole
from app.domain.stations.charger_credentials import verify_charger_password
from app.domain.stations.search import find_evse_by_code, find_nearest
from app.domain.stations.search_query import StationFilter
from app.domain.stations.states import AccessType, ConnectorStandard, EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Connector, Evse, Location
from bff.ids import global_id
from tests.integration.operators.office import Office, code_of, row_of

HOURS = {"regular": [{"weekday": 1, "begin": "06:00", "end": "22:00"}]}


async def _created(office: Office, **fields: object) -> dict[str, object]:
    given = {"name": "Hafen", "latitude": 53.5439, "longitude": 9.9787} | fields
    payload = await office.do("OperatorCreateLocation", **given)
    assert isinstance(payload["location"], dict)
    return payload["location"]


async def test_a_location_is_added_found_and_changed(office: Office) -> None:
    made = await _created(
        office, city="Hamburg", access="PUBLIC", openingHours=HOURS, photos=["https://cdn.example/a.jpg"]
    )
    row = await office.one(select(Location).where(Location.id == row_of(made)))
    assert (row.name, row.city, row.country, row.time_zone) == ("Hafen", "Hamburg", "DE", "Europe/Berlin")
    assert (row.latitude, row.longitude, row.access) == (Decimal("53.5439"), Decimal("9.9787"), AccessType.PUBLIC)
    assert row.opening_hours == {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "06:00", "period_end": "22:00"}],
    }
    async with office.world.app.read(office.world.tenant.id) as session:
        near = await find_nearest(
            session, (53.54, 9.98), StationFilter(text="hafen hamburg"), now=office.world.clock.now(), first=5
        )
    assert [item.location.id for item in near.items] == [row.id]

    fields = {"name": "Hafencity", "city": None, "latitude": 53.5}
    await office.do("OperatorUpdateLocation", id=made["id"], fields=fields)
    row = await office.one(select(Location).where(Location.id == row_of(made)))
    assert (row.name, row.city, row.latitude, row.longitude) == ("Hafencity", None, Decimal("53.5"), Decimal("9.9787"))
    entry = await office.audited("updateLocation")
    assert entry.actor == "owner@example.com"
    assert entry.subject == str(row.id)
    assert entry.input == {"name": "Hafencity", "city": None, "latitude": "53.500000"}
    assert entry.request_id is not None

    await office.do("OperatorUpdateLocation", id=made["id"], fields=fields)
    assert await office.audits("updateLocation") == 1
    shown = await office.run("OperatorLocation", id=made["id"])
    assert (shown["name"], shown["source"], shown["evses"]) == ("Hafencity", "operator", [])


async def test_what_a_location_cannot_be_is_refused(office: Office) -> None:
    before = await office.fingerprint()
    for wrong, field in (
        ({"latitude": 91}, "latitude"),
        ({"timeZone": "Europe/Atlantis"}, "timeZone"),
        ({"country": "Deutschland"}, "country"),
        ({"name": "  "}, "name"),
        ({"photos": ["javascript:alert(1)"]}, "photos"),
        ({"openingHours": {"regular": [{"weekday": 8, "begin": "06:00", "end": "07:00"}]}}, "openingHours"),
    ):
        given = {"name": "Hafen", "latitude": 53.5, "longitude": 9.9} | wrong
        (error,) = (await office.attempt("OperatorCreateLocation", **given))["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", field)
    assert await office.refused("OperatorCreateLocation", name="Nowhere") == "INVALID_INPUT"
    assert await office.fingerprint() == before


async def test_a_charger_is_registered_with_a_password_that_is_told_once(office: Office) -> None:
    payload = await office.do("OperatorCreateCharger", identity="DE-1*A", locationId=office.location_id)
    row = await office.one(select(Charger).where(Charger.identity == "DE-1*A"))
    assert payload["url"] == "ws://127.0.0.1:8080/ocpp/default/DE-1%2AA"
    assert row.password_hash is not None
    assert verify_charger_password(payload["password"].encode(), row.password_hash)
    assert row.location_id == office.world.net.location_id
    entry = await office.audited("createCharger")
    assert payload["password"] not in str(entry.input)
    assert await office.refused("OperatorCreateCharger", identity="DE-1*A") == "IDENTITY_TAKEN"
    assert await office.refused("OperatorCreateCharger", identity="a:b") == "INVALID_INPUT"
    assert await office.audits("createCharger") == 1


async def test_a_charger_that_registered_itself_is_accepted(office: Office) -> None:
    async with office.world.app.unit_of_work(office.world.tenant.id) as uow:
        charger = Charger(identity="SELF-1", registration=RegistrationStatus.PENDING)
        uow.session.add(charger)
        await uow.session.flush()
    node = global_id("Charger", charger.id)
    payload = await office.do("OperatorUpdateCharger", id=node, registration="ACCEPTED", locationId=office.location_id)
    assert payload["charger"]["registration"] == "ACCEPTED"
    row = await office.one(select(Charger).where(Charger.id == charger.id))
    assert (row.registration, row.location_id) == (RegistrationStatus.ACCEPTED, office.world.net.location_id)
    events = await office.all(select(Event).where(Event.aggregate_id == charger.id))
    assert [event.type for event in events] == ["charger.changed"]
    assert (await office.audited("updateCharger")).input["registration"] == "ACCEPTED"


async def test_a_charger_stays_where_its_charging_points_are(office: Office) -> None:
    other = await _created(office)
    refusal = await office.refused("OperatorUpdateCharger", id=office.charger_id, locationId=other["id"])
    assert refusal == "CHARGER_ELSEWHERE"
    row = await office.one(select(Charger).where(Charger.id == office.world.net.charger_id))
    assert row.location_id == office.world.net.location_id


async def test_an_evse_is_added_with_its_connectors(office: Office) -> None:
    made = await _created(office)
    charger = (await office.do("OperatorCreateCharger", identity="HAFEN-1"))["charger"]
    payload = await office.do(
        "OperatorCreateEvse",
        locationId=made["id"],
        fields={"chargerId": charger["id"], "ocppEvseNo": 1, "evseCode": "de*vlt*e77"},
        connectors=[
            {"number": 1, "standard": "IEC_62196_T2_COMBO", "format": "CABLE", "powerType": "DC", "maxPowerW": 150000},
            {"number": 2, "standard": "CHADEMO", "maxPowerW": 50000},
        ],
    )
    assert [connector["number"] for connector in payload["evse"]["connectors"]] == [1, 2]
    evse = await office.one(select(Evse).where(Evse.id == row_of(payload["evse"])))
    assert (evse.max_power_w, evse.code_normalized, evse.status) == (150000, "DEVLTE77", EvseStatus.UNKNOWN)
    assert (await office.one(select(Location).where(Location.id == evse.location_id))).max_power_w == 150000
    row = await office.one(select(Charger).where(Charger.identity == "HAFEN-1"))
    assert row.location_id == evse.location_id
    async with office.world.app.read(office.world.tenant.id) as session:
        found = await find_evse_by_code(session, "DE-VLT-E77")
    assert found is not None
    assert found.id == evse.id
    assert (await office.audited("createEvse")).input["connectors"][1] == [
        2,
        {"standard": "CHADEMO", "max_power_w": 50000},
    ]


async def test_codes_and_numbers_belong_to_one_evse(office: Office) -> None:
    await office.do("OperatorUpdateEvse", id=office.evse_id, fields={"evseCode": "DE*VLT*EA1"})
    before = await office.fingerprint()
    where = {"locationId": office.location_id, "connectors": []}
    for fields, code in (
        ({"evseCode": "de-vlt-ea1"}, "EVSE_CODE_TAKEN"),
        ({"chargerId": office.charger_id, "ocppEvseNo": 2}, "EVSE_NUMBER_TAKEN"),
        ({"chargerId": office.charger_id}, "INVALID_INPUT"),
        ({"chargerId": global_id("Charger", office.world.net.evse), "ocppEvseNo": 9}, "NOT_FOUND"),
        ({"maxPowerW": 0}, "INVALID_INPUT"),
    ):
        assert await office.refused("OperatorCreateEvse", fields=fields, **where) == code
    twice = [{"number": 1}, {"number": 1}]
    assert await office.refused("OperatorCreateEvse", locationId=office.location_id, fields={}, connectors=twice) == (
        "INVALID_INPUT"
    )
    assert await office.fingerprint() == before


async def test_an_evse_changes_its_number_only_while_nobody_charges(office: Office) -> None:
    session_id = await office.session(SessionState.ACTIVE)
    assert await office.refused("OperatorUpdateEvse", id=office.evse_id, fields={"ocppEvseNo": 7}) == "EVSE_BUSY"
    await office.do("OperatorUpdateEvse", id=office.evse_id, fields={"physicalReference": "left"})
    async with office.world.app.unit_of_work(office.world.tenant.id) as uow:
        (await uow.session.get_one(ChargingSession, session_id)).state = SessionState.COMPLETED
    taken = await office.refused("OperatorUpdateEvse", id=office.evse_id, fields={"ocppEvseNo": 2})
    assert taken == "EVSE_NUMBER_TAKEN"
    payload = await office.do(
        "OperatorUpdateEvse",
        id=office.evse_id,
        fields={"ocppEvseNo": 7},
        connectors=[{"number": 1, "maxPowerW": 300000}, {"number": 2, "standard": "NACS"}],
    )
    assert (payload["evse"]["ocppEvseNo"], payload["evse"]["maxPowerW"]) == (7, 300000)
    evse = await office.one(select(Evse).where(Evse.id == office.world.net.evse))
    assert (evse.ocpp_evse_no, evse.status, evse.physical_reference) == (7, EvseStatus.UNKNOWN, "left")
    connectors = await office.all(select(Connector).where(Connector.evse_id == evse.id).order_by(Connector.number))
    assert [(c.standard, c.max_power_w) for c in connectors] == [
        (ConnectorStandard.IEC_62196_T2_COMBO, 300000),
        (ConnectorStandard.NACS, None),
    ]
    assert await office.audits("updateEvse") == 2


async def test_a_connector_is_described(office: Office) -> None:
    payload = await office.do(
        "OperatorUpdateConnector", id=office.connector_id, fields={"format": None, "maxPowerW": 22000}
    )
    assert payload["connector"]["maxPowerW"] == 22000
    row = await office.one(select(Connector).where(Connector.id == office.world.net.connectors[0]))
    assert (row.format, row.max_power_w, row.standard) == (None, 22000, ConnectorStandard.IEC_62196_T2_COMBO)
    evse = await office.one(select(Evse).where(Evse.id == office.world.net.evse))
    assert evse.max_power_w == 22000
    assert (await office.audited("updateConnector")).input == {"format": None, "max_power_w": 22000}


async def test_chargers_show_their_connection_and_what_they_serve(office: Office) -> None:
    await office.do("OperatorCreateCharger", identity="NEW-1")
    page = await office.run("OperatorChargers", first=10, connected=True)
    (edge,) = page["edges"]
    node = edge["node"]
    assert (node["identity"], node["connected"], node["ocppVersion"], node["node"]) == ("CP1", True, "V16", "node-1")
    assert [evse["ocppEvseNo"] for evse in node["evses"]] == [1, 2]
    assert node["evses"][0]["status"] == "AVAILABLE"
    found = await office.run("OperatorChargers", first=10, text="new")
    assert [edge["node"]["identity"] for edge in found["edges"]] == ["NEW-1"]
    assert (await office.run("OperatorChargers", first=10, text="%"))["edges"] == []
    await office.do("OperatorUpdateLocation", id=office.location_id, fields={"city": "Köln"})
    await _created(office)
    wide = await office.run("OperatorLocations", first=10, text="site koln")
    assert [edge["node"]["id"] for edge in wide["edges"]] == [office.location_id]


async def test_an_operator_who_was_disabled_changes_nothing_more(office: Office) -> None:
    manager = Office(office.api, await office.api.operator(OperatorRole.MANAGER))
    operators = await office.run("OperatorOperators")
    (found,) = [one for one in operators if one["email"] == "manager@example.com"]
    await office.do("OperatorDisableOperator", id=found["id"])
    before = await office.fingerprint()
    assert code_of(await manager.send("OperatorCreateCharger", identity="LATE-1")) == "TOKEN_INVALID"
    assert await office.fingerprint() == before
