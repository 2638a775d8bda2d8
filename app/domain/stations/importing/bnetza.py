"""Parser of the charging station register of the Bundesnetzagentur (Ladesäulenregister), one site a row.

The register names neither plugs nor prices nor opening hours nor EVSE codes: they stay null. It gives the
number of points and the rating of the strongest one. That rating is the first point's; it is every point's
only where the site's total is exactly their sum, elsewhere the power of the others is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from app.domain.stations.importing.coordinates import locate
from app.domain.stations.importing.files import CsvRow, read_csv
from app.domain.stations.importing.model import (
    BadValueError,
    ImportedConnector,
    ImportedEvse,
    ImportedLocation,
    ImportNote,
    ParsedRows,
    RejectedRow,
)
from app.domain.stations.importing.text import clean, parse_number

_COLUMNS = frozenset(
    {
        "station_id",
        "operator",
        "status",
        "max_power_kw",
        "charging_points_count",
        "max_individual_power_kw",
        "lat",
        "lon",
        "postcode",
        "city",
        "address",
    }
)
_IN_OPERATION = "in betrieb"
_AMENITY_PREFIX = "amenity_"
_MAX_POINTS = 500
# No public point delivers more than a megawatt; larger figures are several ratings written as one.
_MAX_PLAUSIBLE_KW = 1000
_MICRODEGREE = Decimal("0.000001")


@dataclass(slots=True)
class _Row:
    """A row being read and the corrections made to it."""

    line: int
    values: Mapping[str, str]
    notes: list[ImportNote] = field(default_factory=list)

    def text(self, column: str) -> str | None:
        return clean(self.values.get(column))

    def note(self, column: str, text: str) -> None:
        self.notes.append(ImportNote(self.line, column, text))


def parse_bnetza(path: Path) -> ParsedRows:
    """Yield the sites of a register file (CSV, plain or gzip). A station id that came before is rejected."""
    first_line: dict[str, int] = {}
    for row in read_csv(path, _COLUMNS):
        if isinstance(row, RejectedRow):
            yield row
            continue
        try:
            location = _location(row)
        except BadValueError as error:
            yield RejectedRow(row.line, error.reason, error.field)
            continue
        seen = first_line.setdefault(location.source_id, row.line)
        if seen != row.line:
            yield RejectedRow(row.line, f"id {location.source_id} came before, in line {seen}", "station_id")
        else:
            yield location


def _location(csv_row: CsvRow) -> ImportedLocation:
    row = _Row(csv_row.line, csv_row.values)
    station_id = row.text("station_id")
    if station_id is None:
        raise BadValueError("station_id", "no station id")
    status = row.text("status")
    if status is not None and status.casefold() != _IN_OPERATION:
        raise BadValueError("status", f"not in operation: {status}")
    latitude, longitude = (parse_number(row.text(column), column) for column in ("lat", "lon"))
    place = locate(latitude, longitude, "DE", "lat")
    if place.exchanged:
        row.note("lat", "latitude and longitude were exchanged")
    return ImportedLocation(
        source="bnetza",
        source_id=station_id,
        line=row.line,
        name=None,
        operator_name=row.text("operator"),
        address=_street(row),
        city=row.text("city"),
        postal_code=row.text("postcode"),
        country="DE",
        latitude=place.latitude.quantize(_MICRODEGREE),
        longitude=place.longitude.quantize(_MICRODEGREE),
        time_zone="Europe/Berlin",
        access=None,
        opening_hours=None,
        evses=_evses(row),
        amenities=_amenities(row.values),
        notes=tuple(row.notes),
    )


def _street(row: _Row) -> str | None:
    """Return street and number: the register appends postcode, place and district, and writes 0 for "no
    number".
    """
    address, postcode = row.text("address"), row.text("postcode")
    if address is None:
        return None
    street = address.partition(f" {postcode} ")[0] if postcode else address
    return street.removesuffix(" 0").strip(" ,") or None


def _evses(row: _Row) -> tuple[ImportedEvse, ...]:
    count = parse_number(row.text("charging_points_count"), "charging_points_count")
    if count is None or count != count.to_integral_value() or not 1 <= count <= _MAX_POINTS:
        raise BadValueError("charging_points_count", f"{count} is not a number of points")
    total_kw = parse_number(row.text("max_power_kw"), "max_power_kw")
    point_kw = _point_rating(row, total_kw)
    all_alike = point_kw is not None and total_kw == point_kw * count
    return tuple(_evse(number, point_kw if number == 1 or all_alike else None) for number in range(1, int(count) + 1))


def _evse(number: int, power_kw: Decimal | None) -> ImportedEvse:
    power_w = None if power_kw is None else int(power_kw * 1000)
    return ImportedEvse(str(number), (ImportedConnector(1, max_power_w=power_w),), max_power_w=power_w)


def _point_rating(row: _Row, total_kw: Decimal | None) -> Decimal | None:
    """Return the strongest point's rating in kW, or None with a note where the register's figure cannot be
    used.
    """
    column = "max_individual_power_kw"
    rating = parse_number(row.text(column), column)
    if rating is None or rating <= 0:
        row.note(column, "no power given")
        return None
    if rating > _MAX_PLAUSIBLE_KW:
        repeated = _repeated_part(rating)
        if repeated is None:
            row.note(column, f"{rating} kW is several ratings in one: power unknown")
            return None
        row.note(column, f"{rating} kW read as {repeated} kW, written once for each connector")
        rating = repeated
    if total_kw is not None and rating > total_kw:
        row.note(column, f"{rating} kW is more than the site's {total_kw} kW: power unknown")
        return None
    return rating


def _repeated_part(rating: Decimal) -> Decimal | None:
    """Return 50 for 5050 or 505050: the register joined equal ratings of a point's connectors; None if they
    differ.
    """
    if rating != rating.to_integral_value():
        return None
    digits = str(int(rating))
    for size in (2, 3):
        part = digits[:size]
        if len(digits) > size and len(digits) % size == 0 and part * (len(digits) // size) == digits:
            return Decimal(part)
    return None


def _amenities(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the kinds of amenities counted nearby, where the file carries such columns."""
    return tuple(
        sorted(
            name.removeprefix(_AMENITY_PREFIX)
            for name, value in values.items()
            if name.startswith(_AMENITY_PREFIX) and value.strip().isdigit() and int(value) > 0
        )
    )
