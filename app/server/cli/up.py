"""`voltlane up`: serve until interrupted."""

import asyncio
from pathlib import Path

from app.server.cli.common import command_settings
from app.server.runtime import ALL_ROLES
from app.server.serve import serve


def run_up(*, port: int | None, data_dir: Path | None, roles: frozenset[str]) -> None:
    """Serve the given roles (all where none is named)."""
    asyncio.run(serve(command_settings(port=port, data_dir=data_dir), roles or ALL_ROLES))
