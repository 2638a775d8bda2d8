"""OCPI locations: the standard's shape, the looser one of city networks, and what is refused."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.stations.importing.model import ImportedLocation, RejectedRow
from app.domain.stations.importing.ocpi import parse_ocpi
from app.domain.stations.states import AccessType, ConnectorFormat, ConnectorStandard, PowerType
from app.kit.errors import InvalidInputError

STANDARD: dict[str, Any] = {
    "country_code": "DE",
    "party_id": "ABC",
    "id": "LOC1",
    "publish": True,
    "name": "Marktplatz",
    "address": "Markt 1",
    "city": "Musterstadt",
    "postal_code": "12345",
    "country": "DEU",
    "coordinates": {"latitude": "50.770774", "longitude": "8.126954"},
    "time_zone": "Europe/Berlin",
    "operator": {"name": "Betreiber"},
    "facilities": ["TRAIN_STATION", "CAFE"],
    "images": [{"url": "https://example.org/a.jpg", "category": "CHARGER", "type": "jpeg"}],
    "directions": [{"language": "de", "text": "Im Hof"}],
    "opening_times": {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "20:00"}],
        "exceptional_closings": [
            {"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-26T00:00:00Z"}
        ],
    },
    "evses": [
        {
            "uid": "u1",
            "evse_id": "DE*ABC*E1*1",
            "status": "AVAILABLE",
            "physical_reference": "7",
            "connectors": [
                {"id": "1", "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE",
                 "max_voltage": 230, "max_amperage": 32},
                {"id": "2", "standard": "IEC_62196_T2_COMBO", "format": "CABLE", "power_type": "DC",
                 "max_voltage": 920, "max_amperage": 500, "max_electric_power": 150000},
            ],
        },
        {"uid": "u2", "status": "REMOVED", "connectors": []},
    ],
}  # fmt: skip


def _parse(tmp_path: Path, document: object) -> list[ImportedLocation | RejectedRow]:
    path = tmp_path / "locations.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return list(parse_ocpi(path))


def _one(tmp_path: Path, **changes: object) -> ImportedLocation:
    (location,) = _parse(tmp_path, [STANDARD | changes])
    assert isinstance(location, ImportedLocation), location
    return location


def test_a_location_of_the_standard(tmp_path: Path) -> None:
    location = _one(tmp_path)
    assert (location.source_id, location.name, location.country) == ("DE-ABC:LOC1", "Marktplatz", "DE")
    assert (location.latitude, location.longitude) == (Decimal("50.770774"), Decimal("8.126954"))
    assert (location.operator_name, location.directions) == ("Betreiber", "Im Hof")
    assert (location.access, location.amenities) == (AccessType.PUBLIC, ("cafe", "train_station"))
    assert location.photos == ("https://example.org/a.jpg",)
    assert location.opening_hours is not None
    assert location.opening_hours.to_json() == STANDARD["opening_times"]
    (evse,) = location.evses
    assert (evse.source_id, evse.evse_id, evse.physical_reference) == ("u1", "DE*ABC*E1*1", "7")
    assert [(c.standard, c.format, c.power_type, c.max_power_w) for c in evse.connectors] == [
        (ConnectorStandard.IEC_62196_T2, ConnectorFormat.SOCKET, PowerType.AC_3_PHASE, 22_080),
        (ConnectorStandard.IEC_62196_T2_COMBO, ConnectorFormat.CABLE, PowerType.DC, 150_000),
    ]
    assert evse.max_power_w == 150_000
    assert [note.text for note in location.notes] == ["a removed EVSE is left out"]


CITY = {
    "id": "2",
    "name": "Ladesäule",
    "address": "Straße 5",
    "city": "Köln",
    "postal_code": "50679",
    "country": "DE",
    "coordinates": {"latitude": "50.94", "longitude": "6.99"},
    "directions": "",
    "opening_times": {"twentyfourseven": True},
    "evses": [
        {
            "uid": "303",
            "id": "DE*XYZ*E1",
            "status": None,
            "connectors": [{"id": "447", "standard": "DOMESTIC_F", "voltage": "230", "ampere": "16", "max_power": 3.7}],
        }
    ],
}


def test_city_networks_by_name(tmp_path: Path) -> None:
    twin = CITY | {"evses": [CITY["evses"][0] | {"id": "DE*XYZ*E2"}]}  # type: ignore[index]
    document = {"koeln": {"data": [CITY], "status_code": 1000}, "bonn": {"data": [twin]}}
    first, second = _parse(tmp_path, document)
    assert isinstance(first, ImportedLocation)
    assert isinstance(second, ImportedLocation)
    assert (first.source_id, second.source_id) == ("koeln:2", "bonn:2")
    assert (first.time_zone, first.directions, first.access) == ("Europe/Berlin", None, None)
    (connector,) = first.evses[0].connectors
    assert (connector.standard, connector.format, connector.max_power_w) == (ConnectorStandard.DOMESTIC_F, None, 3_700)


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"data": [x]}, lambda x: {"data": x}])
def test_every_wrapping_gives_the_same(tmp_path: Path, wrap: Any) -> None:
    assert _parse(tmp_path, wrap(STANDARD)) == [_one(tmp_path)]


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "locations.json.gz"
    path.write_bytes(gzip.compress(json.dumps([STANDARD]).encode()))
    assert list(parse_ocpi(path)) == [_one(tmp_path)]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"id": None}, "id", "no location id"),
        ({"coordinates": None}, "coordinates", "no coordinates"),
        ({"coordinates": {"latitude": "x", "longitude": "8"}}, "coordinates.latitude", "'x' is not a number"),
        ({"coordinates": {"latitude": "0", "longitude": "0"}}, "coordinates", "coordinates are 0, 0"),
        ({"coordinates": {"latitude": "40.4", "longitude": "-3.7"}}, "coordinates", "40.4, -3.7 lies outside DE"),
        ({"country": "QQQ"}, "country", "'QQQ' is not a country"),
        ({"country": "D1"}, "country", "'D1' is not a country"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "'Mars/Olympus' is not a time zone"),
        ({"country": "SWE", "time_zone": None}, "time_zone", "no time zone"),
        ({"evses": "many"}, "evses", "not a list of objects"),
        ({"evses": [{"uid": "a", "connectors": [1]}]}, "connectors", "not a list of objects"),
        ({"evses": [{"connectors": []}]}, "evses.uid", "an EVSE has no uid"),
        ({"evses": [{"uid": "a"}, {"uid": "a"}]}, "evses.uid", "EVSE a comes twice"),
    ],
)
def test_a_bad_location_is_refused_by_place_and_reason(
    tmp_path: Path, changes: dict[str, object], field: str, reason: str
) -> None:
    bad, good = _parse(tmp_path, [STANDARD | changes, CITY])
    assert bad == RejectedRow(1, reason, field)
    assert isinstance(good, ImportedLocation)


def test_repeated_ids_are_refused(tmp_path: Path) -> None:
    same_evse = STANDARD | {"id": "LOC2", "evses": [{"uid": "x", "evse_id": "DEABCE11", "connectors": []}]}
    _, location, evse = _parse(tmp_path, [STANDARD, STANDARD, same_evse])
    assert location == RejectedRow(2, "location DE-ABC:LOC1 came before, in location 1", "id")
    assert evse == RejectedRow(3, "EVSE DEABCE11 came before, in location 1", "id")


def test_text_that_no_database_can_hold_is_cleaned(tmp_path: Path) -> None:
    assert _one(tmp_path, name="A\x00B\ud800").name == "AB?"


def test_not_an_object(tmp_path: Path) -> None:
    assert _parse(tmp_path, ["text"]) == [RejectedRow(1, "not an object", "")]


def test_exchanged_coordinates_are_put_right(tmp_path: Path) -> None:
    location = _one(tmp_path, coordinates={"latitude": "8.126954", "longitude": "50.770774"})
    assert location.latitude == Decimal("50.770774")
    assert location.notes[0].text == "latitude and longitude were exchanged"


def test_holidays_are_left_out_and_a_standard_we_do_not_list_is_other(tmp_path: Path) -> None:
    hours = {"regular_hours": [{"weekday": "holiday", "period_begin": "10:00", "period_end": "12:00"}]}
    evses = [{"uid": "a", "connectors": [{"standard": "PANTOGRAPH_TOP_DOWN", "max_electric_power": -1}]}]
    location = _one(tmp_path, opening_times=hours, evses=evses)
    assert location.opening_hours is not None
    assert location.opening_hours.regular == ()
    (connector,) = location.evses[0].connectors
    assert (connector.standard, connector.max_power_w) == (ConnectorStandard.OTHER, None)
    assert {note.field for note in location.notes} == {
        "opening_times",
        "connectors.standard",
        "connectors.max_power",
    }


def test_hours_that_contradict_themselves_are_unknown(tmp_path: Path) -> None:
    hours = {"regular_hours": [{"weekday": 1, "period_begin": "20:00", "period_end": "06:00"}]}
    location = _one(tmp_path, opening_times=hours)
    assert location.opening_hours is None
    assert "opening_times" in {note.field for note in location.notes}


@pytest.mark.parametrize("content", ["", "{", '"text"', "{}", '{"status": 1}'])
def test_a_file_without_locations_is_refused_at_once(tmp_path: Path, content: str) -> None:
    path = tmp_path / "locations.json"
    path.write_text(content)
    with pytest.raises(InvalidInputError):
        list(parse_ocpi(path))
