"""One row of the French IRVE schema: a point of charge (EVSE) with its plugs and its power.

The rated power is the point's. It is given to the plug class that can carry it (direct current before type
2 before household socket) and stays null for the weaker plugs of the same point.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.stations.importing.coordinates import Place, locate
from app.domain.stations.importing.model import BadValueError, ImportedConnector, ImportedEvse, ImportNote
from app.domain.stations.importing.text import clean, parse_flag, parse_number
from app.domain.stations.states import ConnectorFormat, ConnectorStandard, PowerType

_MAX_PLAUSIBLE_KW = 1000
_HOUSEHOLD_MAX_KW = 4  # 16 A at 230 V
_TYPE_2_AC_MAX_KW = 44  # 63 A in three phases at 400 V
_SINGLE_PHASE_MAX_KW = Decimal("7.4")  # 32 A at 230 V

_DIRECT_CURRENT = (ConnectorStandard.IEC_62196_T2_COMBO, ConnectorStandard.CHADEMO)
# Columns in falling order of the power their plugs can carry.
_PLUG_COLUMNS: tuple[tuple[str, ConnectorStandard | None], ...] = (
    ("prise_type_combo_ccs", ConnectorStandard.IEC_62196_T2_COMBO),
    ("prise_type_chademo", ConnectorStandard.CHADEMO),
    ("prise_type_2", ConnectorStandard.IEC_62196_T2),
    ("prise_type_autre", None),
    ("prise_type_ef", ConnectorStandard.DOMESTIC_E),
)


@dataclass(slots=True)
class PointRow:
    """A row being read and the corrections made to it."""

    line: int
    values: Mapping[str, str]
    notes: list[ImportNote] = field(default_factory=list)

    def text(self, column: str) -> str | None:
        """Return the cleaned text of a column, None where it is empty or absent."""
        return clean(self.values.get(column))

    def note(self, column: str, text: str) -> None:
        """Record a correction."""
        self.notes.append(ImportNote(self.line, column, text))


def point_place(row: PointRow) -> Place:
    """Read `coordonneesXY`, a JSON pair of longitude and latitude. Raises BadValueError for an unusable
    one.
    """
    column = "coordonneesXY"
    text = row.text(column)
    try:
        longitude, latitude = json.loads(text or "", parse_float=Decimal, parse_int=Decimal)
    except (ValueError, TypeError) as error:
        raise BadValueError(column, f"{(text or '')[:40]!r} is not a pair of coordinates") from error
    if not (isinstance(longitude, Decimal) and isinstance(latitude, Decimal)):
        raise BadValueError(column, f"{(text or '')[:40]!r} is not a pair of coordinates")
    place = locate(latitude, longitude, "FR", column)
    if place.exchanged:
        row.note(column, "latitude and longitude were exchanged")
    return place


def point_evse(row: PointRow) -> ImportedEvse:
    """Read the point's code, plugs and power. Raises BadValueError without a code."""
    code = row.text("id_pdc_itinerance")
    if code is None:
        raise BadValueError("id_pdc_itinerance", "no id of the point of charge")
    power_kw = _power_kw(row)
    power_w = None if power_kw is None else int(power_kw * 1000)
    return ImportedEvse(
        source_id=code,
        connectors=_connectors(row, power_kw, power_w),
        evse_id=code,
        max_power_w=power_w,
    )


def _power_kw(row: PointRow) -> Decimal | None:
    column = "puissance_nominale"
    try:
        power = parse_number(row.text(column), column)
    except BadValueError as error:
        row.note(column, f"{error.reason}: power unknown")
        return None
    if power is None:
        return None
    if power <= 0:
        row.note(column, f"{power} kW: power unknown")
        return None
    if power <= _MAX_PLAUSIBLE_KW:
        return power
    if power <= _MAX_PLAUSIBLE_KW * 1000:
        row.note(column, f"{power} kW read as W")
        return power / 1000
    row.note(column, f"{power} kW is not plausible: power unknown")
    return None


def _connectors(row: PointRow, power_kw: Decimal | None, power_w: int | None) -> tuple[ImportedConnector, ...]:
    standards = [standard for column, standard in _PLUG_COLUMNS if parse_flag(row.values.get(column))]
    if not standards:  # a point has a plug, the register does not say which
        standards = [None]
    strongest = [s for s in standards if s in _DIRECT_CURRENT] or standards[:1]
    connectors = []
    for number, standard in enumerate(standards, start=1):
        carries = standard in strongest and not _too_strong(standard, power_kw)
        connectors.append(
            ImportedConnector(
                number,
                standard=standard,
                format=_format(standard, row),
                power_type=_power_type(standard, power_kw if carries else None),
                max_power_w=power_w if carries else None,
            )
        )
    return tuple(connectors)


def _too_strong(standard: ConnectorStandard | None, power_kw: Decimal | None) -> bool:
    return standard is ConnectorStandard.DOMESTIC_E and power_kw is not None and power_kw > _HOUSEHOLD_MAX_KW


def _format(standard: ConnectorStandard | None, row: PointRow) -> ConnectorFormat | None:
    """Direct current always comes by attached cable (IEC 61851-1, case C); type 2 as the register says."""
    if standard in _DIRECT_CURRENT:
        return ConnectorFormat.CABLE
    if standard is ConnectorStandard.DOMESTIC_E:
        return ConnectorFormat.SOCKET
    attached = parse_flag(row.values.get("cable_t2_attache"))
    if standard is not ConnectorStandard.IEC_62196_T2 or attached is None:
        return None
    return ConnectorFormat.CABLE if attached else ConnectorFormat.SOCKET


def _power_type(standard: ConnectorStandard | None, power_kw: Decimal | None) -> PowerType | None:
    """Return what plug and power settle; type 2 beyond 44 kW or up to 7.4 kW can be several things."""
    if standard in _DIRECT_CURRENT:
        return PowerType.DC
    if standard is ConnectorStandard.DOMESTIC_E:
        return PowerType.AC_1_PHASE
    if standard is not ConnectorStandard.IEC_62196_T2 or power_kw is None:
        return None
    return PowerType.AC_3_PHASE if _SINGLE_PHASE_MAX_KW < power_kw <= _TYPE_2_AC_MAX_KW else None
