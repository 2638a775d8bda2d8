"""`voltlane up`: serve until interrupted."""

from pathlib import Path

import uvloop

from app.server.cli.common import command_settings
from app.server.runtime import ALL_ROLES
from app.server.serve import serve


def run_up(*, port: int | None, data_dir: Path | None, roles: frozenset[str]) -> None:
    """Serve the given roles (all where none is named)."""
    uvloop.run(serve(command_settings(port=port, data_dir=data_dir), roles or ALL_ROLES))
