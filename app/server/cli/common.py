"""What several commands need: settings from their options, the database, the tenant, a console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from rich.console import Console

from app.db.tenants import tenant_by_slug
from app.kit.logging import configure_logging
from app.kit.settings import Settings, load_settings
from app.server.runtime import Databases, open_databases

console = Console()


def command_settings(*, port: int | None = None, data_dir: Path | None = None) -> Settings:
    """Return the settings with the command's options in them. Raises ConfigurationError."""
    return load_settings(port=port, data_dir=data_dir.resolve() if data_dir else None)


@asynccontextmanager
async def open_tenant(data_dir: Path | None, slug: str | None) -> AsyncIterator[tuple[Settings, Databases, UUID]]:
    """Open the database for one command on one tenant. Raises NotFoundError for an unknown tenant."""
    settings = command_settings(data_dir=data_dir)
    configure_logging("WARNING", json=False)
    async with open_databases(settings) as databases:
        tenant = await tenant_by_slug(databases.app, slug or settings.default_tenant)
        yield settings, databases, tenant.id
