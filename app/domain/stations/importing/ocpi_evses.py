"""The EVSEs and connectors of an OCPI location (2.2.1, 8.3.2 and 8.3.3; older and looser spellings are
understood).
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.stations.importing.model import BadValueError, ImportedConnector, ImportedEvse, ImportNote
from app.domain.stations.importing.text import clean, parse_number
from app.domain.stations.states import ConnectorFormat, ConnectorStandard, PowerType

_PHASES = {PowerType.AC_1_PHASE: 1, PowerType.AC_2_PHASE: 2, PowerType.AC_3_PHASE: 3, PowerType.DC: 1}
_MAX_PLAUSIBLE_W = 1_000_000

E = TypeVar("E", bound=StrEnum)
Json = Mapping[str, Any]


class Notes:
    """Collects the corrections made to one location."""

    def __init__(self, line: int) -> None:
        self.collected: list[ImportNote] = []
        self._line = line

    def add(self, field: str, text: str) -> None:
        """Record a correction."""
        self.collected.append(ImportNote(self._line, field, text))


def text_of(item: object, key: str) -> str | None:
    """Return a string or number of a JSON object as cleaned text; None where it is absent or something
    else.
    """
    value = item.get(key) if isinstance(item, Mapping) else None
    return clean(str(value)) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None


def objects_of(item: Json, key: str) -> list[Json]:
    """Return a list of JSON objects, empty where it is absent. Raises BadValueError where it is something else."""
    value = item.get(key) or []
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise BadValueError(key, "not a list of objects")
    return value


def read_evses(location: Json, notes: Notes) -> tuple[ImportedEvse, ...]:
    """Read the EVSEs that exist; a removed one is left out with a note. Raises BadValueError without an
    EVSE uid.
    """
    evses: list[ImportedEvse] = []
    uids: set[str] = set()
    for item in objects_of(location, "evses"):
        if text_of(item, "status") == "REMOVED":
            notes.add("evses", "a removed EVSE is left out")
            continue
        evse = _evse(item, notes)
        if evse.source_id in uids:
            raise BadValueError("evses.uid", f"EVSE {evse.source_id} comes twice")
        uids.add(evse.source_id)
        evses.append(evse)
    return tuple(evses)


def _evse(item: Json, notes: Notes) -> ImportedEvse:
    code = text_of(item, "evse_id") or text_of(item, "id")
    uid = text_of(item, "uid") or code
    if uid is None:
        raise BadValueError("evses.uid", "an EVSE has no uid")
    connectors = tuple(
        _connector(number, connector, notes) for number, connector in enumerate(objects_of(item, "connectors"), 1)
    )
    powers = [connector.max_power_w for connector in connectors if connector.max_power_w]
    return ImportedEvse(
        source_id=uid,
        connectors=connectors,
        evse_id=code,
        physical_reference=text_of(item, "physical_reference"),
        max_power_w=max(powers, default=None),
    )


def _connector(number: int, item: Json, notes: Notes) -> ImportedConnector:
    power_type = _member(PowerType, item, "power_type", notes)
    return ImportedConnector(
        number,
        standard=_standard(item, notes),
        format=_member(ConnectorFormat, item, "format", notes),
        power_type=power_type,
        max_power_w=_power_w(item, power_type, notes),
    )


def _standard(item: Json, notes: Notes) -> ConnectorStandard | None:
    """Return the standard; one that OCPI names and we do not list is OTHER, for it is named all the same."""
    if text_of(item, "standard") is None:
        return None
    return _member(ConnectorStandard, item, "standard", notes) or ConnectorStandard.OTHER


def _member(enum: type[E], item: Json, key: str, notes: Notes) -> E | None:
    text = text_of(item, key)
    if text is None:
        return None
    try:
        return enum(text.upper())
    except ValueError:
        notes.add(f"connectors.{key}", f"{text[:40]!r} is not listed")
        return None


def _power_w(item: Json, power_type: PowerType | None, notes: Notes) -> int | None:
    """Return the power in W: `max_electric_power` (W), `max_power` (kW, in the city files), else volts
    times amperes.
    """
    try:
        watts = parse_number(text_of(item, "max_electric_power"), "max_electric_power")
        kilowatts = parse_number(text_of(item, "max_power"), "max_power")
        volts = parse_number(text_of(item, "max_voltage"), "max_voltage")
        amperes = parse_number(text_of(item, "max_amperage"), "max_amperage")
    except BadValueError as error:
        notes.add(f"connectors.{error.field}", f"{error.reason}: power unknown")
        return None
    if watts is None and kilowatts is not None:
        watts = kilowatts * 1000
    if watts is None and volts and amperes and power_type:
        watts = volts * amperes * _PHASES[power_type]  # voltage is to neutral in OCPI 2.2.1, 8.3.3
    if watts is not None and not 0 < watts <= _MAX_PLAUSIBLE_W:
        notes.add("connectors.max_power", f"{watts} W is not plausible: power unknown")
        return None
    return None if watts is None else int(watts)
