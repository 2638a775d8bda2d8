"""Parser of OCPI locations: Location objects of OCPI 2.1.1 and 2.2.1 and files that wrap them.

Accepted are one Location, an array of them, an OCPI response `{"data": …}`, and an object of such responses
by network name. JSON has no rows, so `line` is the location's ordinal in the file, from 1. The live status
in the file is not taken over: only a connected charger says that an EVSE is available.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.stations.importing.coordinates import Place, locate
from app.domain.stations.importing.files import open_text
from app.domain.stations.importing.model import (
    BadValueError,
    ImportedLocation,
    ParsedRows,
    RejectedRow,
)
from app.domain.stations.importing.ocpi_evses import Notes, read_evses, text_of
from app.domain.stations.importing.text import parse_number
from app.domain.stations.normalise import normalise_evse_code
from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.states import AccessType
from app.kit.errors import InvalidInputError

_MICRODEGREE = Decimal("0.000001")
_ALPHA_2_LENGTH = 2
# Two letters, without the codes ISO 3166-1 leaves to users (XK, in general use for Kosovo, is one of them).
_COUNTRY = re.compile(r"(?!AA|Q[M-Z]|X[A-JL-Z]|ZZ)[A-Z]{2}")

Json = Mapping[str, Any]


def parse_ocpi(path: Path) -> ParsedRows:
    """Yield the locations of an OCPI file (JSON, plain or gzip). A location or EVSE id that came before is
    rejected.

    Raises InvalidInputError when the file is not JSON or holds no locations.
    """
    try:
        with open_text(path) as stream:
            document = json.load(stream, parse_float=Decimal)
    except ValueError as error:
        raise InvalidInputError(f"{path.name} is not JSON: {error}", field="file") from error
    first_line: dict[str, int] = {}
    for line, (network, item) in enumerate(_items(document, path.name), start=1):
        try:
            location = _location(item, network, line)
            _reject_repeated(location, first_line)
        except BadValueError as error:
            yield RejectedRow(line, error.reason, error.field)
        else:
            yield location


def _items(document: Any, file_name: str) -> Iterator[tuple[str | None, Any]]:
    if isinstance(document, list):
        return ((None, item) for item in document)
    if not isinstance(document, dict):
        raise InvalidInputError(f"{file_name} holds no OCPI locations", field="file")
    if "coordinates" in document:
        return iter([(None, document)])
    if "data" in document:
        return _items(document["data"], file_name)
    if document and all(isinstance(value, dict | list) for value in document.values()):
        return ((network, item) for network, response in document.items() for _, item in _items(response, file_name))
    raise InvalidInputError(f"{file_name} holds no OCPI locations", field="file")


def _reject_repeated(location: ImportedLocation, first_line: dict[str, int]) -> None:
    codes = [normalise_evse_code(evse.evse_id) for evse in location.evses if evse.evse_id]
    keys = [f"location {location.source_id}", *(f"EVSE {code}" for code in codes)]
    for key in keys:
        if key in first_line:
            raise BadValueError("id", f"{key} came before, in location {first_line[key]}")
    if len(set(keys)) != len(keys):
        raise BadValueError("evses", "two EVSEs have the same id")
    first_line.update(dict.fromkeys(keys, location.line))


def _location(item: Any, network: str | None, line: int) -> ImportedLocation:
    if not isinstance(item, Mapping):
        raise BadValueError("", "not an object")
    notes = Notes(line)
    country = _country(item)
    place = _place(item, country)
    if place.exchanged:
        notes.add("coordinates", "latitude and longitude were exchanged")
    operator = item.get("operator")
    return ImportedLocation(
        source="ocpi",
        source_id=_source_id(item, network),
        line=line,
        name=text_of(item, "name"),
        operator_name=text_of(operator, "name") if isinstance(operator, Mapping) else None,
        address=text_of(item, "address"),
        city=text_of(item, "city"),
        postal_code=text_of(item, "postal_code"),
        country=country,
        latitude=place.latitude.quantize(_MICRODEGREE),
        longitude=place.longitude.quantize(_MICRODEGREE),
        time_zone=_time_zone(item, place),
        access=_access(item),
        opening_hours=_hours(item, notes),
        evses=read_evses(item, notes),
        amenities=tuple(sorted(str(kind).lower() for kind in _list(item, "facilities"))),
        photos=tuple(url for image in _list(item, "images") if (url := text_of(image, "url"))),
        directions=_directions(item),
        notes=tuple(notes.collected),
    )


def _source_id(item: Json, network: str | None) -> str:
    location_id = text_of(item, "id")
    if location_id is None:
        raise BadValueError("id", "no location id")
    party = [text_of(item, key) for key in ("country_code", "party_id")]
    prefix = "-".join(part for part in party if part) or network
    return f"{prefix}:{location_id}" if prefix else location_id


def _country(item: Json) -> str:
    """Return the ISO 3166-1 alpha-2 code; OCPI 2.x writes alpha-3 in `country` and alpha-2 in
    `country_code`.
    """
    stated = (text_of(item, "country") or text_of(item, "country_code") or "").upper()
    alpha_2 = stated if len(stated) == _ALPHA_2_LENGTH else _alpha_2_by_alpha_3().get(stated)
    if alpha_2 is None or not _COUNTRY.fullmatch(alpha_2):
        raise BadValueError("country", f"{stated!r} is not a country")
    return alpha_2


@cache
def _alpha_2_by_alpha_3() -> dict[str, str]:
    from babel.core import get_global

    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return {
        alias: targets[0]
        for alias, targets in aliases.items()
        if len(alias) == _ALPHA_2_LENGTH + 1 and alias.isalpha() and len(targets) == 1
    }


def _place(item: Json, country: str) -> Place:
    coordinates = item.get("coordinates")
    if not isinstance(coordinates, Mapping):
        raise BadValueError("coordinates", "no coordinates")
    latitude, longitude = (
        parse_number(text_of(coordinates, axis), f"coordinates.{axis}") for axis in ("latitude", "longitude")
    )
    return locate(latitude, longitude, country, "coordinates")


def _time_zone(item: Json, place: Place) -> str:
    stated = text_of(item, "time_zone")
    name = stated or place.time_zone
    if name is None:
        raise BadValueError("time_zone", "no time zone")
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError) as error:
        raise BadValueError("time_zone", f"{name!r} is not a time zone") from error


def _access(item: Json) -> AccessType | None:
    """Return what `publish` (2.2.1, 8.3.1) says of who may come; None where the file does not carry it."""
    publish = item.get("publish")
    if publish is True:
        return AccessType.PUBLIC
    return AccessType.RESTRICTED if publish is False else None


def _hours(item: Json, notes: Notes) -> OpeningHours | None:
    """Read `opening_times`. Periods on public holidays are left out: no calendar of them is known here."""
    document = item.get("opening_times")
    if not isinstance(document, Mapping):
        return None
    regular = _list(document, "regular_hours")
    usable = [period for period in regular if isinstance(period, Mapping) and period.get("weekday") != "holiday"]
    if len(usable) != len(regular):
        notes.add("opening_times", "hours on public holidays are left out")
    try:
        return OpeningHours.from_json({**document, "regular_hours": usable})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        notes.add("opening_times", f"not understood ({error}): hours unknown")
        return None


def _directions(item: Json) -> str | None:
    """Return the directions: text in the city files, DisplayText objects in OCPI, of which the first
    counts.
    """
    directions = item.get("directions")
    if isinstance(directions, list):
        return next((text for entry in directions if (text := text_of(entry, "text"))), None)
    return text_of(item, "directions")


def _list(item: Json, key: str) -> list[Any]:
    value = item.get(key)
    return value if isinstance(value, list) else []
