"""The SQL of the station search: filters, and candidates in exact order of distance.

Candidates come from the GiST index on the position (`ORDER BY position <-> point`), which is unaffected by
row-level security. Operators of text search are not leakproof and would lose their index under it, so the
free text goes through the database function `voltlane_locations_with_text`, which filters the tenant
itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Float, Select, String, and_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from app.domain.stations.geo import Degrees, unit_vector
from app.domain.stations.normalise import normalise_search_text
from app.domain.stations.states import ConnectorStandard, EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Connector, Evse, Location

_MAX_WORDS = 8


@dataclass(frozen=True, slots=True)
class StationFilter:
    """What a location must offer. Power, connector and availability must meet in one connector of one EVSE.

    `text` matches where each of its words occurs in the name, operator, street, postcode or city.
    `open_now` keeps locations known to be open: unknown hours are not open.
    """

    min_power_w: int | None = None
    connector_standards: frozenset[ConnectorStandard] = frozenset()
    available_now: bool = False
    open_now: bool = False
    text: str | None = None


def chord_to(point: Degrees) -> ColumnElement[float]:
    """Return the chord on the unit sphere between a location and the point."""
    vector = bindparam("vector", list(unit_vector(point)), type_=ARRAY(Float(53)), unique=True)
    return Location.position.op("<->", return_type=Float(53))(func.cube(vector))


def candidates(
    point: Degrees, wanted: StationFilter, after: tuple[float, UUID] | None, limit: int
) -> Select[UUID, float, Decimal, Decimal, dict[str, Any] | None, str]:
    """Return locations that meet the filters, nearest first, after a position in that order.

    Rows are (id, chord, latitude, longitude, opening_hours, time_zone); of the hours only "unknown" is
    judged here.
    """
    chord = chord_to(point)
    statement = (
        select(
            Location.id,
            chord.label("chord"),
            Location.latitude,
            Location.longitude,
            Location.opening_hours,
            Location.time_zone,
        )
        .where(Location.published, *conditions(wanted))
        .order_by(chord, Location.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(or_(chord > after[0], and_(chord == after[0], Location.id > after[1])))
    return statement


def conditions(wanted: StationFilter) -> Sequence[ColumnElement[bool]]:
    """Return the filters as conditions on `locations`."""
    found: list[ColumnElement[bool]] = []
    if wanted.min_power_w is not None or wanted.connector_standards or wanted.available_now:
        found.append(_offers(wanted))
    if wanted.open_now:
        found.append(Location.opening_hours.is_not(None))
    words = normalise_search_text(wanted.text).split()[:_MAX_WORDS]
    if words:
        patterns = [f"%{_escaped(word)}%" for word in sorted(words, key=len, reverse=True)]
        matching = func.voltlane_locations_with_text(bindparam("patterns", patterns, type_=ARRAY(String)))
        found.append(Location.id.in_(select(matching)))
    return found


def usable_now() -> ColumnElement[bool]:
    """Return the condition that an EVSE can be used now: its charger is connected and says so."""
    return and_(
        Evse.status == EvseStatus.AVAILABLE,
        Evse.operative,
        Charger.connected,
        Charger.operative,
        Charger.registration == RegistrationStatus.ACCEPTED,
    )


def _offers(wanted: StationFilter) -> ColumnElement[bool]:
    """Return the condition that one connector of one EVSE meets power, standard and availability together."""
    inner = select(1).select_from(Evse).where(Evse.location_id == Location.id)
    if wanted.min_power_w is not None or wanted.connector_standards:
        inner = inner.join(Connector, Connector.evse_id == Evse.id)
    if wanted.min_power_w is not None:
        inner = inner.where(Connector.max_power_w >= wanted.min_power_w)
    if wanted.connector_standards:
        inner = inner.where(Connector.standard.in_(sorted(wanted.connector_standards)))
    if wanted.available_now:
        inner = inner.join(Charger, Charger.id == Evse.charger_id).where(usable_now())
    return exists(inner)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
