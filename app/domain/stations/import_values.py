"""What an imported location means in columns, and what of a stored row it changes.

A null of the register is no statement: it never replaces what is stored, so facts an operator added (a plug
the register does not name) outlive the next import. Live status, charger assignment, tariffs and
publication are never among the values.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.db.base import Base
from app.domain.stations.geo import cube_text
from app.domain.stations.importing.model import ImportedConnector, ImportedEvse, ImportedLocation
from app.domain.stations.normalise import normalise_evse_code, normalise_search_text
from app.domain.stations.tables import Evse, Location

Values = dict[str, Any]


def location_values(imported: ImportedLocation) -> Values:
    """Return the columns of `locations` that the register determines."""
    powers = [evse.max_power_w for evse in imported.evses if evse.max_power_w is not None]
    values: Values = {
        "source": imported.source,
        "source_id": imported.source_id,
        "name": imported.name,
        "operator_name": imported.operator_name,
        "address": imported.address,
        "city": imported.city,
        "postal_code": imported.postal_code,
        "country": imported.country,
        "latitude": imported.latitude,
        "longitude": imported.longitude,
        "position": cube_text((float(imported.latitude), float(imported.longitude))),
        "time_zone": imported.time_zone,
        "access": imported.access,
        "opening_hours": imported.opening_hours.to_json() if imported.opening_hours else None,
        "photos": [{"url": url} for url in imported.photos],
        "amenities": list(imported.amenities),
        "directions": imported.directions,
        "max_power_w": max(powers, default=None),
    }
    values["name"] = imported.name or stand_in_name(values)
    values["search_text"] = search_text_of(values)
    return values


def stand_in_name(location: Mapping[str, Any]) -> str:
    """Return what a location without a name of its own is called, from its row's columns."""
    parts = (location["operator_name"], location["address"] or location["city"])
    return ", ".join(part for part in parts if part) or str(location["source_id"])


def search_text_of(location: Mapping[str, Any]) -> str:
    """Return the text in which a location is found, from its row's columns."""
    return normalise_search_text(*(location[c] for c in ("name", "operator_name", "address", "postal_code", "city")))


def evse_values(imported: ImportedEvse, location_id: UUID) -> Values:
    """Return the columns of `evses` that the register determines."""
    return {
        "location_id": location_id,
        "source_uid": imported.source_id,
        "evse_code": imported.evse_id,
        "code_normalized": normalise_evse_code(imported.evse_id) if imported.evse_id else None,
        "physical_reference": imported.physical_reference,
        "max_power_w": imported.max_power_w,
    }


def connector_values(imported: ImportedConnector, evse_id: UUID) -> Values:
    """Return the columns of `connectors` that the register determines."""
    return {
        "evse_id": evse_id,
        "number": imported.number,
        "standard": imported.standard,
        "format": imported.format,
        "power_type": imported.power_type,
        "max_power_w": imported.max_power_w,
    }


def too_long(imported: ImportedLocation) -> tuple[str, str] | None:
    """Return (field, reason) where a text does not fit its column, else None."""
    rows: list[tuple[type[Base], Values]] = [(Location, location_values(imported))]
    rows += [(Evse, evse_values(evse, UUID(int=0))) for evse in imported.evses]
    for table, values in rows:
        for column, value in values.items():
            limit = getattr(table.__table__.c[column].type, "length", None)
            if isinstance(limit, int) and isinstance(value, str) and len(value) > limit:
                return column, f"{value[:20]!r}… is longer than {limit} characters"
    return None


def location_changes(stored: Mapping[str, Any], imported: ImportedLocation) -> Values:
    """Return the columns in which the register differs from the stored location, and what follows from them.

    A name the register does not give is replaced only while it is still the stand-in.
    """
    wanted = location_values(imported)
    del wanted["search_text"]
    if imported.name is None and stored["name"] != stand_in_name(stored):
        del wanted["name"]
    position = wanted.pop("position")
    differing = changes(stored, wanted)
    if differing.keys() & {"latitude", "longitude"}:
        differing["position"] = position
    return differing | changes(stored, {"search_text": search_text_of({**stored, **differing})})


def changes(stored: Mapping[str, Any], wanted: Values) -> Values:
    """Return the wanted columns that differ from the stored row; a wanted null or empty list is left out."""
    return {
        column: value
        for column, value in wanted.items()
        if value is not None and value != [] and stored[column] != value
    }
