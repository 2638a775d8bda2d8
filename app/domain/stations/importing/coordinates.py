"""Checking of coordinates against the country a register speaks of.

A pair outside the country is rejected, unless exchanging its two numbers puts it inside: the boxes of a
country and their mirror images do not meet, so an exchanged pair is recognised with certainty, corrected,
and noted.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.stations.importing.model import BadValueError


@dataclass(frozen=True, slots=True)
class _Box:
    south: Decimal
    north: Decimal
    west: Decimal
    east: Decimal
    time_zone: str

    def holds(self, latitude: Decimal, longitude: Decimal) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


def _box(south: str, north: str, west: str, east: str, time_zone: str) -> _Box:
    return _Box(Decimal(south), Decimal(north), Decimal(west), Decimal(east), time_zone)


# Bounding boxes with a margin of about 5 km; the overseas departments of France have boxes of their own.
_BOXES: dict[str, tuple[_Box, ...]] = {
    "DE": (_box("47.22", "55.11", "5.80", "15.11", "Europe/Berlin"),),
    "FR": (
        _box("41.28", "51.14", "-5.22", "9.62", "Europe/Paris"),
        _box("-21.45", "-20.81", "55.16", "55.89", "Indian/Reunion"),
        _box("15.78", "16.57", "-61.87", "-60.95", "America/Guadeloupe"),
        _box("14.33", "14.94", "-61.29", "-60.75", "America/Martinique"),
        _box("2.06", "5.80", "-54.66", "-51.58", "America/Cayenne"),
        _box("-13.06", "-12.58", "44.96", "45.36", "Indian/Mayotte"),
    ),
    "AT": (_box("46.32", "49.07", "9.47", "17.22", "Europe/Vienna"),),
    "BE": (_box("49.44", "51.56", "2.48", "6.46", "Europe/Brussels"),),
    "CH": (_box("45.77", "47.86", "5.90", "10.55", "Europe/Zurich"),),
    "LU": (_box("49.40", "50.23", "5.68", "6.58", "Europe/Luxembourg"),),
    "NL": (_box("50.70", "53.65", "3.28", "7.28", "Europe/Amsterdam"),),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A checked position; `time_zone` is None for a country without a box, `exchanged` says it was
    corrected.
    """

    latitude: Decimal
    longitude: Decimal
    time_zone: str | None
    exchanged: bool = False


def locate(latitude: Decimal | None, longitude: Decimal | None, country: str, field: str) -> Place:
    """Check a pair of degrees against the country (ISO 3166-1 alpha-2).

    Raises BadValueError when it is missing, zero, off the globe or outside the country either way round.
    """
    if latitude is None or longitude is None:
        raise BadValueError(field, "no coordinates")
    if latitude == 0 and longitude == 0:
        raise BadValueError(field, "coordinates are 0, 0")
    boxes = _BOXES.get(country)
    if boxes is None:
        if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - the globe
            raise BadValueError(field, f"{latitude}, {longitude} is not on the globe")
        return Place(latitude, longitude, None)
    for box in boxes:
        if box.holds(latitude, longitude):
            return Place(latitude, longitude, box.time_zone)
    for box in boxes:
        if box.holds(longitude, latitude):
            return Place(longitude, latitude, box.time_zone, exchanged=True)
    raise BadValueError(field, f"{latitude}, {longitude} lies outside {country}")
