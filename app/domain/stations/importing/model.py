"""The common shape into which every register is parsed, so that one use case stores them all.

The objects are frozen and hold only what the source says; null means "the source does not name it".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.domain.stations.opening_hours import OpeningHours
from app.domain.stations.states import AccessType, ConnectorFormat, ConnectorStandard, PowerType

Source = Literal["bnetza", "irve", "ocpi"]


@dataclass(frozen=True, slots=True)
class ImportedConnector:
    """One plug or socket; `number` counts from 1 within its EVSE."""

    number: int
    standard: ConnectorStandard | None = None
    format: ConnectorFormat | None = None
    power_type: PowerType | None = None
    max_power_w: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedEvse:
    """One point that charges one vehicle at a time; `source_id` is unique within its location.

    `evse_id` is the eMI3 code as the source spells it (for example `DE*ABC*E100*1`), `max_power_w` what the
    point delivers at most.
    """

    source_id: str
    connectors: tuple[ImportedConnector, ...]
    evse_id: str | None = None
    physical_reference: str | None = None
    max_power_w: int | None = None


@dataclass(frozen=True, slots=True)
class ImportNote:
    """Something the parser corrected or left out while keeping the location; `line` is the source's line."""

    line: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportedLocation:
    """One site. `latitude` and `longitude` are WGS 84 degrees, `country` is ISO 3166-1 alpha-2."""

    source: Source
    source_id: str
    line: int
    name: str | None
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
    evses: tuple[ImportedEvse, ...]
    amenities: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    directions: str | None = None
    notes: tuple[ImportNote, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not imported. `line` is the physical line (the location's ordinal in a JSON file)."""

    line: int
    reason: str
    field: str | None = None


class BadValueError(ValueError):
    """A value of the source cannot be used; the parser turns it into a `RejectedRow`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


ParsedRows = Iterator[ImportedLocation | RejectedRow]
