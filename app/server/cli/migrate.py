"""`voltlane migrate`: bring the tables up to date, as the owner of the database."""

import asyncio
from pathlib import Path

from app.db.engine import locate_database
from app.kit.errors import ConfigurationError
from app.server.cli.common import command_settings, console
from migrations import runner


def run_migrate(*, data_dir: Path | None) -> None:
    """Migrate and say to which revision. Raises ConfigurationError where the owner's address is missing."""
    asyncio.run(_migrate(data_dir))


async def _migrate(data_dir: Path | None) -> None:
    urls = await locate_database(command_settings(data_dir=data_dir))
    try:
        if urls.owner is None:
            raise ConfigurationError("VOLTLANE_DATABASE_OWNER_URL is needed: the server's own role may not migrate")
        await runner.upgrade(urls.owner)
        console.print(f"The database is at migration {runner.head_revision()}.")
    finally:
        if urls.embedded is not None:
            urls.embedded.stop()
