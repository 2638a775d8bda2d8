"""What an operator may say about a location, checked the same way when it is added and when it is changed."""

import re
from decimal import Decimal
from typing import Any, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain.stations.geo import cube_text
from app.domain.stations.import_values import search_text_of
from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.states import AccessType
from app.domain.stations.tables import Location
from app.kit.errors import InvalidInputError

_COUNTRY = re.compile(r"[A-Z]{2}")
_PLACES = Decimal("0.000001")
_LONGEST = {"postal_code": 20, "directions": 2000}
_TEXTS = ("operator_name", "address", "city", "postal_code", "directions")
_MAX_TEXT = 200
_MAX_ITEMS = 50
_MAX_ITEM = 500


class LocationFields(TypedDict, total=False):
    """What is said; a key that is absent is not said. Coordinates are WGS 84 degrees, photos are addresses."""

    name: str
    operator_name: str | None
    address: str | None
    city: str | None
    postal_code: str | None
    country: str
    latitude: Decimal
    longitude: Decimal
    time_zone: str
    access: AccessType | None
    opening_hours: OpeningHours | None
    photos: list[str]
    amenities: list[str]
    directions: str | None
    published: bool


def location_columns(given: LocationFields) -> dict[str, Any]:
    """Return the checked columns of `locations`. Raises InvalidInputError with the field."""
    columns: dict[str, Any] = {}
    for key, value in given.items():
        columns[key] = _CHECKS[key](key, value) if key in _CHECKS else value
    return columns


def apply_location(location: Location, columns: dict[str, Any]) -> dict[str, Any]:
    """Set the columns that differ, and what follows from them; return the differing ones."""
    changed = {key: value for key, value in columns.items() if getattr(location, key) != value}
    for key, value in changed.items():
        setattr(location, key, value)
    if changed.keys() & {"latitude", "longitude"}:
        location.position = cube_text((float(location.latitude), float(location.longitude)))
    location.search_text = search_text_of(
        {name: getattr(location, name) for name in ("name", "operator_name", "address", "postal_code", "city")}
    )
    return changed


def _name(key: str, value: Any) -> str:
    name = _text(key, value)
    if name is None:
        raise InvalidInputError("A location has a name.", field=key)
    return name


def _text(key: str, value: Any) -> str | None:
    text = (value or "").strip()
    longest = _LONGEST.get(key, _MAX_TEXT)
    if len(text) > longest:
        raise InvalidInputError(f"This has at most {longest} characters.", field=key)
    return text or None


def _country(key: str, value: Any) -> str:
    if _COUNTRY.fullmatch(value) is None:
        raise InvalidInputError("A country is two capital letters (ISO 3166-1).", field=key)
    return str(value)


def _degrees(key: str, value: Any) -> Decimal:
    limit = 90 if key == "latitude" else 180
    if not -limit <= value <= limit:
        raise InvalidInputError(f"A {key} is between -{limit} and {limit} degrees.", field=key)
    return Decimal(value).quantize(_PLACES)


def _time_zone(key: str, value: Any) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError('A time zone looks like "Europe/Berlin".', field=key) from error


def _hours(_: str, value: Any) -> dict[str, Any] | None:
    return value.to_json() if value is not None else None


def _items(key: str, value: Any) -> list[str]:
    items = [str(item).strip() for item in value]
    if len(items) > _MAX_ITEMS or any(not item or len(item) > _MAX_ITEM for item in items):
        raise InvalidInputError(f"At most {_MAX_ITEMS} texts of at most {_MAX_ITEM} characters.", field=key)
    return items


def _photos(key: str, value: Any) -> list[dict[str, str]]:
    addresses = _items(key, value)
    if not all(address.startswith("https://") for address in addresses):
        raise InvalidInputError("A photo's address begins with https://", field=key)
    return [{"url": address} for address in addresses]


_CHECKS: dict[str, Any] = {
    "name": _name,
    **dict.fromkeys(_TEXTS, _text),
    "country": _country,
    "latitude": _degrees,
    "longitude": _degrees,
    "time_zone": _time_zone,
    "opening_hours": _hours,
    "photos": _photos,
    "amenities": _items,
}
