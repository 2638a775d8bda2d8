"""What a process holds open while it serves: database, doubles, ports and roles, opened in order and closed in reverse.

This and `wiring` are the only places that know every implementation.
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from app.db.embedded import EmbeddedPostgres
from app.db.engine import locate_database, open_engine, require_harmless_role
from app.db.tenants import ensure_default_tenant
from app.db.uow import Database
from app.kit.clock import Clock, SystemClock
from app.kit.errors import ConfigurationError
from app.kit.ids import new_readable_code
from app.kit.settings import Mode, Settings
from app.server.doubles import Processors, open_processors
from migrations import runner

_log = structlog.get_logger(__name__)

ALL_ROLES = frozenset({"api", "ocpp", "worker"})


@dataclass(frozen=True)
class Databases:
    """The pools of the server's two roles."""

    app: Database
    bridge: Database


@dataclass(frozen=True)
class Runtime:
    """The open resources of a process."""

    settings: Settings
    clock: Clock
    node: str
    databases: Databases
    processors: Processors


def node_name() -> str:
    """Return a name for this process that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_readable_code(6)}"


def previous_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the secret that still verifies while the present one replaces it."""
    previous = settings.previous_secret_key
    return (previous.get_secret_value(),) if previous else ()


@asynccontextmanager
async def open_databases(settings: Settings) -> AsyncIterator[Databases]:
    """Find or start the database, bring its tables up to date (development) or check them, and open the pools."""
    async with AsyncExitStack() as stack:
        urls = await locate_database(settings)
        if urls.embedded is not None:
            stack.callback(_stop_embedded, urls.embedded)
        if urls.owner is not None and settings.mode is Mode.DEVELOPMENT:
            await runner.upgrade(urls.owner)
        app = Database(open_engine(urls.app, pool_size=settings.database_pool_size))
        stack.push_async_callback(app.dispose)
        bridge = Database(open_engine(urls.bridge, pool_size=settings.database_pool_size))
        stack.push_async_callback(bridge.dispose)
        await _require_current_tables(app)
        for database in (app, bridge):
            await require_harmless_role(database.engine, settings)
        await ensure_default_tenant(app, settings.default_tenant)
        yield Databases(app, bridge)


@asynccontextmanager
async def open_runtime(settings: Settings, roles: frozenset[str] = ALL_ROLES) -> AsyncIterator[Runtime]:
    """Open everything a serving process needs."""
    async with AsyncExitStack() as stack:
        databases = await stack.enter_async_context(open_databases(settings))
        processors = await open_processors(stack, settings, starts_doubles="api" in roles)
        yield Runtime(
            settings=settings,
            clock=SystemClock(),
            node=node_name(),
            databases=databases,
            processors=processors,
        )


async def _require_current_tables(database: Database) -> None:
    """Refuse to serve on tables of another version. Raises ConfigurationError."""
    found, wanted = await runner.current_revision(database.engine), runner.head_revision()
    if found != wanted:
        raise ConfigurationError(
            f"the database is at migration {found or 'none'}, this program needs {wanted}: run `voltlane migrate`"
        )


def _stop_embedded(server: EmbeddedPostgres) -> None:
    try:
        server.stop()
    except Exception:
        _log.exception("the embedded database could not be stopped")
