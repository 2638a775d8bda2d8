"""Fixtures every test may use.

Database tests get a database of their own, cloned from a template that Alembic migrated once: real commits, real
roles, real row-level security. `app_db` and `bridge_db` are the server's two roles on it; `tenant` and
`other_tenant` two brands.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.db.embedded import (
    APP_ROLE,
    BRIDGE_ROLE,
    OWNER_ROLE,
    EmbeddedPostgres,
    ensure_roles_and_database,
    start_embedded,
)
from app.db.tables import Tenant
from app.db.tenants import ensure_default_tenant, tenant_by_slug
from app.db.uow import Database
from migrations import runner
from tests.fakes.clock import FrozenClock
from tests.folders import database_root

pytest_plugins = ["tests.loopback"]

TEMPLATE = "voltlane_template"


async def _superuser(server: EmbeddedPostgres) -> asyncpg.Connection:
    return await asyncpg.connect(user="postgres", database="postgres", host=str(server.socket_dir))


async def _prepare(server: EmbeddedPostgres) -> None:
    connection = await _superuser(server)
    await connection.execute("alter system set fsync = off")
    await connection.execute("select pg_reload_conf()")
    await connection.close()
    await ensure_roles_and_database(server, TEMPLATE)
    await runner.upgrade(server.url(OWNER_ROLE, TEMPLATE))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server for this test process, with the migrated template database."""
    with tempfile.TemporaryDirectory(
        prefix="voltlane-test-", dir=database_root(), ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        server = start_embedded(Path(folder))
        try:
            asyncio.run(_prepare(server))
            yield server
        finally:
            server.stop()


@pytest.fixture
async def database_name(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A fresh clone of the template, dropped after the test."""
    name = f"test_{uuid4().hex[:12]}"
    connection = await _superuser(postgres)
    await connection.execute(f"create database {name} template {TEMPLATE} owner {OWNER_ROLE}")
    try:
        yield name
    finally:
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()


async def _open(postgres: EmbeddedPostgres, role: str, name: str) -> Database:
    engine = create_async_engine(
        postgres.url(role, name), poolclass=AsyncAdaptedQueuePool, pool_size=5, max_overflow=20
    )
    return Database(engine)


@pytest.fixture
async def app_db(postgres: EmbeddedPostgres, database_name: str) -> AsyncIterator[Database]:
    """The test's database as the API's and worker's role."""
    database = await _open(postgres, APP_ROLE, database_name)
    yield database
    await database.dispose()


@pytest.fixture
async def bridge_db(postgres: EmbeddedPostgres, database_name: str) -> AsyncIterator[Database]:
    """The test's database as the OCPP bridge's role."""
    database = await _open(postgres, BRIDGE_ROLE, database_name)
    yield database
    await database.dispose()


@pytest.fixture
async def tenant(app_db: Database) -> Tenant:
    """The default brand."""
    await ensure_default_tenant(app_db, "default")
    return await tenant_by_slug(app_db, "default")


@pytest.fixture
async def other_tenant(app_db: Database) -> Tenant:
    """Another brand on the same installation."""
    await ensure_default_tenant(app_db, "other")
    return await tenant_by_slug(app_db, "other")


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands still until a test advances it."""
    return FrozenClock()
