"""The French IRVE schema: points become locations, plugs become connectors, errors of the register are met."""

from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.stations.importing.irve import parse_irve
from app.domain.stations.importing.model import ImportedConnector, ImportedLocation, RejectedRow
from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.states import AccessType, ConnectorFormat, ConnectorStandard, PowerType

SAMPLE = Path(__file__).parents[2] / "data" / "irve_sample.csv.gz"
CCS, CHADEMO = ConnectorStandard.IEC_62196_T2_COMBO, ConnectorStandard.CHADEMO
TYPE_2, TYPE_E = ConnectorStandard.IEC_62196_T2, ConnectorStandard.DOMESTIC_E
GOOD = {
    "id_station_itinerance": "FRABCP1",
    "id_pdc_itinerance": "FRABCE1",
    "nom_station": "Mairie",
    "nom_operateur": "Opérateur",
    "nom_enseigne": "Enseigne",
    "adresse_station": "12 Rue des Lilas, 31000 Toulouse",
    "coordonneesXY": "[1.44,43.6]",
    "puissance_nominale": "22.0",
    "prise_type_ef": "false",
    "prise_type_2": "TRUE",
    "prise_type_combo_ccs": "False",
    "prise_type_chademo": "0",
    "prise_type_autre": "",
    "condition_acces": "Accès libre",
    "horaires": "24/7",
    "cable_t2_attache": "",
    "consolidated_commune": "",
    "consolidated_code_postal": "",
}


def _parse(tmp_path: Path, *rows: dict[str, str]) -> list[ImportedLocation | RejectedRow]:
    path = tmp_path / "irve.csv"
    lines = [",".join(GOOD)]
    lines += [",".join(f'"{value}"' for value in (GOOD | row).values()) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(parse_irve(path))


def _locations(tmp_path: Path, *rows: dict[str, str]) -> list[ImportedLocation]:
    parsed = _parse(tmp_path, *rows)
    assert not [row for row in parsed if isinstance(row, RejectedRow)]
    return [row for row in parsed if isinstance(row, ImportedLocation)]


def _connectors(tmp_path: Path, **row: str) -> list[tuple[object, ...]]:
    (location,) = _locations(tmp_path, row)
    connectors: tuple[ImportedConnector, ...] = location.evses[0].connectors
    return [(c.standard, c.format, c.power_type, c.max_power_w) for c in connectors]


def test_points_of_one_station_become_one_location(tmp_path: Path) -> None:
    other = {"id_station_itinerance": "FRABCP2", "id_pdc_itinerance": "FRABCE9"}
    first, second = _locations(tmp_path, {}, other, {"id_pdc_itinerance": "FR*ABC*E2"})
    assert (first.source_id, first.name, first.operator_name) == ("FRABCP1", "Mairie", "Opérateur")
    assert (first.address, first.postal_code, first.city) == ("12 Rue des Lilas", "31000", "Toulouse")
    assert (first.latitude, first.longitude, first.time_zone) == (Decimal("43.6"), Decimal("1.44"), "Europe/Paris")
    assert first.access is AccessType.PUBLIC
    assert first.opening_hours == OpeningHours(twentyfourseven=True)
    assert [(e.source_id, e.evse_id) for e in first.evses] == [("FRABCE1", "FRABCE1"), ("FR*ABC*E2", "FR*ABC*E2")]
    assert [e.source_id for e in second.evses] == ["FRABCE9"]


def test_a_type_2_socket(tmp_path: Path) -> None:
    assert _connectors(tmp_path) == [(TYPE_2, None, PowerType.AC_3_PHASE, 22_000)]
    assert _connectors(tmp_path, cable_t2_attache="true")[0][1] is ConnectorFormat.CABLE
    assert _connectors(tmp_path, cable_t2_attache="FALSE")[0][1] is ConnectorFormat.SOCKET
    assert _connectors(tmp_path, puissance_nominale="7.4")[0][2] is None
    assert _connectors(tmp_path, puissance_nominale="150")[0][2:] == (None, 150_000)


def test_the_rated_power_belongs_to_the_strongest_plugs(tmp_path: Path) -> None:
    assert _connectors(
        tmp_path, puissance_nominale="50", prise_type_combo_ccs="1", prise_type_chademo="true", prise_type_ef="1"
    ) == [
        (CCS, ConnectorFormat.CABLE, PowerType.DC, 50_000),
        (CHADEMO, ConnectorFormat.CABLE, PowerType.DC, 50_000),
        (TYPE_2, None, None, None),
        (TYPE_E, ConnectorFormat.SOCKET, PowerType.AC_1_PHASE, None),
    ]


def test_a_household_socket_never_gets_22_kw(tmp_path: Path) -> None:
    ef_only = {"prise_type_2": "", "prise_type_ef": "true"}
    assert _connectors(tmp_path, **ef_only)[0][3] is None
    assert _connectors(tmp_path, **ef_only, puissance_nominale="3.7")[0][3] == 3_700


def test_a_plug_the_register_does_not_name_stays_null(tmp_path: Path) -> None:
    assert _connectors(tmp_path, prise_type_2="", puissance_nominale="") == [(None, None, None, None)]
    assert _connectors(tmp_path, prise_type_2="", prise_type_autre="true") == [(None, None, None, 22_000)]


@pytest.mark.parametrize(
    ("text", "watts", "noted"),
    [
        ("22000.0", 22_000, True),
        ("0.0", None, True),
        ("", None, False),
        ("None", None, False),
        ("fort", None, True),
        ("99999999", None, True),
        ("11,04", 11_040, False),
    ],
)
def test_powers(tmp_path: Path, text: str, watts: int | None, noted: bool) -> None:
    (location,) = _locations(tmp_path, {"puissance_nominale": text})
    assert location.evses[0].max_power_w == watts
    assert bool(location.notes) is noted


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"coordonneesXY": "[0.0000,0.0000]"}, "coordonneesXY", "coordinates are 0.0000, 0.0000"),
        ({"coordonneesXY": "[4.649609, 3.84190]"}, "coordonneesXY", "3.84190, 4.649609 lies outside FR"),
        ({"coordonneesXY": "somewhere"}, "coordonneesXY", "'somewhere' is not a pair of coordinates"),
        ({"coordonneesXY": "[true,false]"}, "coordonneesXY", "'[true,false]' is not a pair of coordinates"),
        ({"coordonneesXY": "[1.4]"}, "coordonneesXY", "'[1.4]' is not a pair of coordinates"),
        ({"coordonneesXY": ""}, "coordonneesXY", "'' is not a pair of coordinates"),
        ({"id_station_itinerance": ""}, "id_station_itinerance", "no station id"),
        ({"id_pdc_itinerance": "None"}, "id_pdc_itinerance", "no id of the point of charge"),
        ({"id_pdc_itinerance": "fr*abc*e1"}, "id_pdc_itinerance", "id fr*abc*e1 came before, in line 2"),
    ],
)
def test_a_bad_point_is_refused_by_line_and_reason(
    tmp_path: Path, row: dict[str, str], field: str, reason: str
) -> None:
    bad, good = _parse(tmp_path, {}, {"id_pdc_itinerance": "FRABCE2"} | row)
    assert isinstance(good, ImportedLocation)
    assert len(good.evses) == 1
    assert isinstance(bad, RejectedRow)
    assert (bad.line, bad.field) == (3, field)
    assert bad.reason in {reason, "coordinates are 0, 0"}


def test_an_exchanged_pair_is_put_right_and_noted(tmp_path: Path) -> None:
    (location,) = _locations(tmp_path, {"coordonneesXY": "[43.6,1.44]"})
    assert (location.latitude, location.longitude) == (Decimal("43.6"), Decimal("1.44"))
    assert [note.field for note in location.notes] == ["coordonneesXY"]


def test_one_station_id_at_two_places_becomes_two_locations(tmp_path: Path) -> None:
    far = {"id_pdc_itinerance": "FRABCE2", "coordonneesXY": "[2.35,48.85]", "nom_station": "Paris"}
    near = {"id_pdc_itinerance": "FRABCE3", "coordonneesXY": "[2.3505,48.8501]"}
    home, away = _locations(tmp_path, {}, far, near)
    assert (home.source_id, len(home.evses)) == ("FRABCP1", 1)
    assert (away.source_id, away.name) == ("FRABCP1@48.8500,2.3500", "Paris")
    assert [evse.source_id for evse in away.evses] == ["FRABCE2", "FRABCE3"]
    assert [(note.line, note.field) for note in away.notes] == [(3, "coordonneesXY")]


@pytest.mark.parametrize(
    ("address", "commune", "postcode", "expected"),
    [
        ("Parking - 18000 BOURGES", "Bourges", "18000.0", ("Parking", "18000", "Bourges")),
        ("1 Av. Foch", "Nice", "6000.0", ("1 Av. Foch", "06000", "Nice")),
        ("19 Avenue X 92160 ANTONY (92)", "", "", ("19 Avenue X", "92160", "ANTONY")),
        ("Rue Y, 01100 Arbent, France", "", "", ("Rue Y", "01100", "Arbent")),
        ("Place Z", "", "", ("Place Z", None, None)),
    ],
)
def test_addresses(tmp_path: Path, address: str, commune: str, postcode: str, expected: tuple[str | None, ...]) -> None:
    row = {"adresse_station": address, "consolidated_commune": commune, "consolidated_code_postal": postcode}
    (location,) = _locations(tmp_path, row)
    assert (location.address, location.postal_code, location.city) == expected


def test_hours_that_are_not_understood_are_unknown_and_noted(tmp_path: Path) -> None:
    (location,) = _locations(tmp_path, {"horaires": "sur rendez-vous"})
    assert location.opening_hours is None
    assert [note.field for note in location.notes] == ["horaires"]


def test_the_real_sample() -> None:
    rows = list(parse_irve(SAMPLE))
    locations = [row for row in rows if isinstance(row, ImportedLocation)]
    rejected = [row for row in rows if isinstance(row, RejectedRow)]
    assert (len(locations), sum(len(x.evses) for x in locations), len(rejected)) == (107, 265, 5)
    assert {row.reason for row in rejected} == {"coordinates are 0, 0"}
    assert {x.time_zone for x in locations} >= {"Europe/Paris", "Indian/Reunion"}
    assert not [x for x in locations if "Ã" in (x.name or "") + (x.address or "")]
    assert len({x.source_id for x in locations}) == 107
