"""Runs Alembic from code: upgrade, downgrade, check and autogenerate, over an async engine."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

_LOCK = 7202612


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config


async def upgrade(owner_url: URL, revision: str = "head") -> None:
    """Bring the database to a revision; processes that start together do it one after the other."""

    def run(connection: Connection) -> None:
        connection.execute(text("set lock_timeout = '10s'"))
        connection.execute(text(f"select pg_advisory_lock({_LOCK})"))
        connection.commit()
        command.upgrade(alembic_config(connection), revision)

    await _run(owner_url, run)


async def downgrade(owner_url: URL, revision: str) -> None:
    """Take the database back to a revision."""
    await _run(owner_url, lambda connection: command.downgrade(alembic_config(connection), revision))


async def check(owner_url: URL) -> None:
    """Raise where the tables in code and the migrated database differ."""
    await _run(owner_url, lambda connection: command.check(alembic_config(connection)))


def head_revision() -> str | None:
    """Return the newest revision in code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


async def current_revision(engine: AsyncEngine) -> str | None:
    """Return the revision a database is at, as any role that may read Alembic's table; None for an empty one."""
    async with engine.connect() as connection:
        known = await connection.scalar(text("select to_regclass('public.alembic_version') is not null"))
        if not known:
            return None
        revision: str | None = await connection.scalar(text("select version_num from alembic_version"))
        return revision


async def autogenerate(owner_url: URL, message: str, revision_id: str) -> None:
    """Write a migration that takes the migrated database to the tables in code."""
    await _run(
        owner_url,
        lambda connection: command.revision(
            alembic_config(connection), message=message, autogenerate=True, rev_id=revision_id
        ),
    )


async def _run(url: URL, work: object) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(work)  # type: ignore[arg-type]
            await connection.commit()
    finally:
        await engine.dispose()
