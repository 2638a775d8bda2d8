"""The registers that can be imported, by the name the command line uses."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from app.domain.stations.importing.bnetza import parse_bnetza
from app.domain.stations.importing.irve import parse_irve
from app.domain.stations.importing.model import ParsedRows, Source
from app.domain.stations.importing.ocpi import parse_ocpi

PARSERS: Mapping[Source, Callable[[Path], ParsedRows]] = MappingProxyType(
    {"bnetza": parse_bnetza, "irve": parse_irve, "ocpi": parse_ocpi}
)
