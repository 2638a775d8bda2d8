"""Parser of the French IRVE schema: a row is a point of charge, rows of one station id become one location.

The first usable row of a location sets its place, name and hours. A location is one place: a point further
than `MAX_SPREAD_M` from it begins another location, for some operators give one station id to sites all
over the country. Rows of a station need not follow each other, so the file is read to its end before the
first location comes out.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from app.domain.stations.geo import great_circle_m
from app.domain.stations.importing.coordinates import Place
from app.domain.stations.importing.files import read_csv
from app.domain.stations.importing.irve_points import PointRow, point_evse, point_place
from app.domain.stations.importing.model import (
    BadValueError,
    ImportedEvse,
    ImportedLocation,
    ParsedRows,
    RejectedRow,
)
from app.domain.stations.importing.opening_times import parse_opening_times
from app.domain.stations.normalise import normalise_evse_code
from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.states import AccessType

MAX_SPREAD_M = 1_000
"""The largest distance in metres of a point from the first one of its location."""

_COLUMNS = frozenset(
    {
        "id_station_itinerance",
        "id_pdc_itinerance",
        "coordonneesXY",
        "puissance_nominale",
        "prise_type_ef",
        "prise_type_2",
        "prise_type_combo_ccs",
        "prise_type_chademo",
        "prise_type_autre",
        "horaires",
        "condition_acces",
    }
)
_MICRODEGREE = Decimal("0.000001")
_ACCESS = {"accès libre": AccessType.PUBLIC, "accès réservé": AccessType.RESTRICTED}
# "12 Rue des Lilas, 31000 Toulouse" and "… - 18000 BOURGES"; a trailing "(77)" repeats the department.
_ADDRESS = re.compile(r"(?P<street>.+?)[\s,-]*\b(?P<postcode>\d{5})\b[\s,-]*(?P<city>[^\d]*?)(?:\s*\(\d{2,3}\))?")


@dataclass(slots=True)
class _Site:
    """A location being gathered: its first row and the points found so far."""

    source_id: str
    first: PointRow
    place: Place
    evses: list[ImportedEvse] = field(default_factory=list)
    rows: list[PointRow] = field(default_factory=list)

    def distance_m(self, place: Place) -> float:
        """Return how far a place is from this one, in metres."""
        return great_circle_m(
            (float(self.place.latitude), float(self.place.longitude)),
            (float(place.latitude), float(place.longitude)),
        )


Stations = dict[str, list[_Site]]


def parse_irve(path: Path) -> ParsedRows:
    """Yield the rejected rows, then the stations of an IRVE file (CSV, plain or gzip), in the file's order.

    A point whose code came before, however it is spelled, is rejected.
    """
    stations: Stations = {}
    first_line: dict[str, int] = {}
    for csv_row in read_csv(path, _COLUMNS):
        if isinstance(csv_row, RejectedRow):
            yield csv_row
            continue
        try:
            _gather(PointRow(csv_row.line, csv_row.values), stations, first_line)
        except BadValueError as error:
            yield RejectedRow(csv_row.line, error.reason, error.field)
    for sites in stations.values():
        for site in sites:
            yield _location(site)


def _gather(row: PointRow, stations: Stations, first_line: dict[str, int]) -> None:
    station_id = row.text("id_station_itinerance")
    if station_id is None:
        raise BadValueError("id_station_itinerance", "no station id")
    evse, place = point_evse(row), point_place(row)
    code = normalise_evse_code(evse.source_id)
    if code in first_line:
        raise BadValueError("id_pdc_itinerance", f"id {evse.source_id} came before, in line {first_line[code]}")
    first_line[code] = row.line
    site = _site_of(row, place, station_id, stations.setdefault(station_id, []))
    site.evses.append(evse)
    site.rows.append(row)


def _site_of(row: PointRow, place: Place, station_id: str, sites: list[_Site]) -> _Site:
    """Return the station's site at this place; a new one when there is none within `MAX_SPREAD_M`.

    The station's first site bears the station id, each further one its position besides.
    """
    for site in sites:
        if site.distance_m(place) <= MAX_SPREAD_M:
            return site
    source_id = station_id
    if sites:
        source_id = f"{station_id}@{place.latitude:.4f},{place.longitude:.4f}"
        away_km, first_line = sites[0].distance_m(place) / 1000, sites[0].first.line
        row.note("coordonneesXY", f"{away_km:.1f} km from the station's line {first_line}: a site of its own")
    sites.append(_Site(source_id, row, place))
    return sites[-1]


def _location(site: _Site) -> ImportedLocation:
    first, place = site.first, site.place
    street, postcode, city = _address(first)
    access = first.text("condition_acces")
    hours = _hours(first)
    return ImportedLocation(
        source="irve",
        source_id=site.source_id,
        line=first.line,
        name=first.text("nom_station"),
        operator_name=first.text("nom_operateur") or first.text("nom_enseigne"),
        address=street,
        city=city,
        postal_code=postcode,
        country="FR",
        latitude=place.latitude.quantize(_MICRODEGREE),
        longitude=place.longitude.quantize(_MICRODEGREE),
        time_zone=place.time_zone or "Europe/Paris",
        access=_ACCESS.get(access.casefold()) if access else None,
        opening_hours=hours,
        evses=tuple(site.evses),
        notes=tuple(note for row in site.rows for note in row.notes),
    )


def _hours(row: PointRow) -> OpeningHours | None:
    text = row.text("horaires")
    if text is None:
        return None
    hours = parse_opening_times(text)
    if hours is None:
        row.note("horaires", f"{text[:60]!r} is not understood: hours unknown")
    return hours


def _address(row: PointRow) -> tuple[str | None, str | None, str | None]:
    """Split the address line; the consolidated columns win where they are filled."""
    address = row.text("adresse_station")
    city = row.text("consolidated_commune")
    postcode = (row.text("consolidated_code_postal") or "").removesuffix(".0")
    match = _ADDRESS.fullmatch(address) if address else None
    if match:
        address, postcode, city = (
            match["street"].strip(" ,-"),
            postcode or match["postcode"],
            city or _city(match["city"]),
        )
    return address, postcode.zfill(5) if postcode else None, city


def _city(text: str) -> str | None:
    """Return the place behind a postcode without the country."""
    return re.sub(r",?\s*France$", "", text.strip(" ,-"), flags=re.IGNORECASE).strip(" ,-") or None
