"""The register of the Bundesnetzagentur: what is read, what stays null, what is refused by line and reason."""

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.stations.importing.bnetza import parse_bnetza
from app.domain.stations.importing.model import ImportedLocation, RejectedRow
from app.kit.errors import InvalidInputError

SAMPLE = Path(__file__).parents[3] / "app" / "server" / "data" / "bnetza_sample.csv.gz"
HEADER = (
    "station_id,operator,status,max_power_kw,charging_points_count,max_individual_power_kw,"
    "lat,lon,postcode,city,address"
)
GOOD = "s1,Stadtwerke,In Betrieb,300.0,2,150.0,52.5,13.4,10115,Berlin,Invalidenstr. 0 10115 Berlin Stadt Berlin"


def _parse(tmp_path: Path, *rows: str | bytes, header: str = HEADER) -> list[ImportedLocation | RejectedRow]:
    lines = [row if isinstance(row, bytes) else row.encode() for row in (header, *rows)]
    path = tmp_path / "register.csv"
    path.write_bytes(b"\n".join(lines))
    return list(parse_bnetza(path))


def _one(tmp_path: Path, row: str | bytes) -> ImportedLocation:
    (location,) = _parse(tmp_path, row)
    assert isinstance(location, ImportedLocation)
    return location


def _powers(location: ImportedLocation) -> list[int | None]:
    assert all(e.max_power_w == e.connectors[0].max_power_w for e in location.evses)
    return [evse.max_power_w for evse in location.evses]


def test_a_site_is_read_and_what_the_register_does_not_name_stays_null(tmp_path: Path) -> None:
    location = _one(tmp_path, GOOD)
    assert (location.source, location.source_id, location.line) == ("bnetza", "s1", 2)
    assert (location.latitude, location.longitude) == (Decimal("52.5"), Decimal("13.4"))
    assert (location.address, location.postal_code, location.city) == ("Invalidenstr.", "10115", "Berlin")
    assert (location.operator_name, location.country, location.time_zone) == ("Stadtwerke", "DE", "Europe/Berlin")
    assert (location.name, location.access, location.opening_hours, location.notes) == (None, None, None, ())
    for evse in location.evses:
        (connector,) = evse.connectors
        assert (evse.evse_id, connector.standard, connector.format, connector.power_type) == (None,) * 4


@pytest.mark.parametrize(
    ("total", "count", "each", "powers"),
    [
        ("300", "2", "150", [150_000, 150_000]),  # the sum settles every point
        ("93", "2", "50", [50_000, None]),
        ("400", "3", "400", [400_000, None, None]),
        ("62.5", "1", "62.5", [62_500]),
        ("93", "2", "5050.0", [50_000, None]),  # 50 and 50 written as one
        ("50", "3", "505050.0", [50_000, None, None]),
        ("300", "2", "300300.0", [300_000, None]),
        ("300", "2", "30050.0", [None, None]),  # unequal ratings written as one
        ("50", "2", "150", [None, None]),  # more than the site has
        ("50", "1", "", [None]),
        ("50", "1", "None", [None]),
        ("50", "1", "0", [None]),
    ],
)
def test_powers(tmp_path: Path, total: str, count: str, each: str, powers: list[int | None]) -> None:
    location = _one(tmp_path, f"s1,Op,In Betrieb,{total},{count},{each},52.5,13.4,10115,Berlin,A 1 10115 Berlin")
    assert _powers(location) == powers


def test_a_corrected_figure_leaves_a_note(tmp_path: Path) -> None:
    location = _one(tmp_path, "s1,Op,None,93,2,5050.0,13.4,52.5,10115,Berlin,A 1 10115 Berlin")
    assert [(n.line, n.field) for n in location.notes] == [(2, "lat"), (2, "max_individual_power_kw")]
    assert location.latitude == Decimal("52.5")


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (GOOD.replace("52.5", "north"), "lat", "'north' is not a number"),
        (GOOD.replace("52.5,13.4", ",13.4"), "lat", "no coordinates"),
        (GOOD.replace("52.5,13.4", "48.85,2.35"), "lat", "48.85, 2.35 lies outside DE"),
        (GOOD.replace("s1", ""), "station_id", "no station id"),
        (GOOD.replace("300.0,2", "300.0,two"), "charging_points_count", "'two' is not a number"),
        (GOOD.replace("300.0,2", "300.0,0"), "charging_points_count", "0 is not a number of points"),
        (GOOD.replace("300.0,2", "300.0,99999"), "charging_points_count", "99999 is not a number of points"),
        (GOOD.replace("In Betrieb", "Außer Betrieb"), "status", "not in operation: Außer Betrieb"),
        (GOOD + ",surplus", None, "12 fields instead of 11"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_reason_and_the_rest_goes_on(
    tmp_path: Path, row: str, field: str | None, reason: str
) -> None:
    before, bad, after = _parse(tmp_path, GOOD.replace("s1", "s0"), row, GOOD.replace("s1", "s2"))
    assert bad == RejectedRow(3, reason, field)
    assert isinstance(before, ImportedLocation)
    assert isinstance(after, ImportedLocation)
    assert after.line == 4


def test_a_repeated_id_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    first, second = _parse(tmp_path, GOOD, GOOD.replace("Stadtwerke", "Other"))
    assert isinstance(first, ImportedLocation)
    assert second == RejectedRow(3, "id s1 came before, in line 2", "station_id")


def test_a_row_over_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    rows = _parse(tmp_path, GOOD.replace("Stadtwerke", '"Stadt\nwerke"'), GOOD.replace("52.5", "x"))
    assert isinstance(rows[0], ImportedLocation)
    assert rows[0].operator_name == "Stadt werke"
    assert isinstance(rows[1], RejectedRow)
    assert rows[1].line == 4


def test_a_latin_1_row_among_utf_8_rows(tmp_path: Path) -> None:
    utf_8, latin_1 = (
        GOOD.replace("Stadtwerke", "Straßenwerke"),
        GOOD.replace("s1", "s2").replace("Stadtwerke", "Köln AG"),
    )
    first, second = _parse(tmp_path, utf_8, latin_1.encode("latin-1"))
    assert isinstance(first, ImportedLocation)
    assert isinstance(second, ImportedLocation)
    assert (first.operator_name, second.operator_name) == ("Straßenwerke", "Köln AG")


def test_another_kind_of_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="lacks the columns address, "):
        _parse(tmp_path, "1,2", header="a,b")
    (tmp_path / "register.csv").write_bytes(b"")
    with pytest.raises(InvalidInputError, match="lacks the columns"):
        list(parse_bnetza(tmp_path / "register.csv"))


def test_gzip_and_plain_give_the_same(tmp_path: Path) -> None:
    plain = tmp_path / "sample.csv"
    plain.write_bytes(gzip.decompress(SAMPLE.read_bytes()))
    assert list(parse_bnetza(plain)) == list(parse_bnetza(SAMPLE))


def test_a_file_that_was_cut_off_is_refused_after_its_sound_rows(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(SAMPLE.read_bytes()[:50_000])
    rows = parse_bnetza(path)
    assert isinstance(next(rows), ImportedLocation)
    with pytest.raises(InvalidInputError, match=r"cut\.csv\.gz is a damaged gzip file"):
        list(rows)


def test_the_carried_sample() -> None:
    rows = list(parse_bnetza(SAMPLE))
    locations = [row for row in rows if isinstance(row, ImportedLocation)]
    rejected = [row for row in rows if isinstance(row, RejectedRow)]
    assert len(rows) == 2_500
    assert len(locations) == 2_466
    assert {(row.field, row.reason.split()[0]) for row in rejected} == {("station_id", "id")}
    assert sum(1 for location in locations if location.city == "Berlin") == 432
    assert max(w for location in locations for w in _powers(location) if w is not None) <= 1_000_000
    assert all(location.address and location.city and location.operator_name for location in locations)
