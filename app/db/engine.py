"""Opens the pools: one per database role, from settings or from the embedded server."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.db.embedded import (
    APP_ROLE,
    BRIDGE_ROLE,
    OWNER_ROLE,
    EmbeddedPostgres,
    ensure_roles_and_database,
    start_embedded,
)
from app.kit.errors import ConfigurationError
from app.kit.settings import Mode, Settings

_OF_SQLALCHEMY = frozenset({"prepared_statement_cache_size", "prepared_statement_name_func", "async_creator_fn"})
"""Arguments that SQLAlchemy's dialect keeps for itself."""


@dataclass(frozen=True)
class DatabaseUrls:
    """Where the database is, for each role; `embedded` is set where this process started it."""

    app: URL
    bridge: URL
    owner: URL | None
    embedded: EmbeddedPostgres | None = None


async def locate_database(settings: Settings) -> DatabaseUrls:
    """Return the URLs of the configured database, or start the embedded one."""
    if settings.database_url is not None and settings.database_bridge_url is not None:
        owner = settings.database_owner_url
        return DatabaseUrls(
            app=_asyncpg_url(settings.database_url.get_secret_value()),
            bridge=_asyncpg_url(settings.database_bridge_url.get_secret_value()),
            owner=_asyncpg_url(owner.get_secret_value()) if owner else None,
        )
    server = start_embedded(settings.data_dir)
    await ensure_roles_and_database(server)
    return DatabaseUrls(
        app=server.url(APP_ROLE),
        bridge=server.url(BRIDGE_ROLE),
        owner=server.url(OWNER_ROLE),
        embedded=server,
    )


def _asyncpg_url(address: str) -> URL:
    return make_url(address).set(drivername="postgresql+asyncpg")


def open_engine(url: URL, *, pool_size: int = 10) -> AsyncEngine:
    """Open a pool; a connection that the server closed is replaced when it is next taken."""
    return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, pool_timeout=20)


def connect_arguments(engine: AsyncEngine) -> dict[str, Any]:
    """Return what `asyncpg.connect` needs to reach an engine's database, for connections outside its pool."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    return {name: value for name, value in arguments.items() if name not in _OF_SQLALCHEMY}


async def require_harmless_role(engine: AsyncEngine, settings: Settings) -> None:
    """Refuse a server role that could bypass row-level security. Raises ConfigurationError."""
    query = text(
        """
        select r.rolsuper or r.rolbypassrls
            or exists (select 1 from pg_class c where c.relname = 'charging_sessions' and c.relowner = r.oid)
        from pg_roles r where r.rolname = current_user
        """
    )
    async with engine.connect() as connection:
        dangerous = (await connection.execute(query)).scalar_one()
    if dangerous:
        mode = "production" if settings.mode is Mode.PRODUCTION else "development"
        raise ConfigurationError(
            f"the database role of the server owns the tables or bypasses row-level security (mode {mode}): "
            "see docs/database.md for the roles to create"
        )
