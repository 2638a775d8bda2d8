"""The OCPP versions this bridge speaks, newest first: the first that a charger offers too is chosen."""

from collections.abc import Sequence

from app.domain.stations.states import OcppVersion
from ocpp_bridge.v16.version import V16
from ocpp_bridge.v201.version import V201
from ocpp_bridge.version import Version

VERSIONS: tuple[Version, ...] = (V201, V16)
_BY_NAME = {version.name: version for version in VERSIONS}


def version_of(name: OcppVersion) -> Version:
    """Return a version by its name."""
    return _BY_NAME[name]


def choose(offered: Sequence[str]) -> Version | None:
    """Return the highest version among a charger's subprotocols, or None where there is none."""
    names = {name.strip().lower() for name in offered}
    return next((version for version in VERSIONS if version.name.value in names), None)
