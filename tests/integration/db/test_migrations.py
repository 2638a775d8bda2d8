"""The migrations: one line, equal to the tables in code, and reversible without a trace."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from app.db.embedded import OWNER_ROLE, EmbeddedPostgres, ensure_roles_and_database
from migrations import runner

_SCHEMA = """
select 'column', table_name || '.' || column_name, data_type || coalesce(column_default, '') || is_nullable
    from information_schema.columns where table_schema = 'public'
union all
select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'public'::regnamespace
union all
select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
union all
select 'policy', tablename || '.' || policyname, coalesce(qual, '') || coalesce(with_check, '') || roles::text || cmd
    from pg_policies where schemaname = 'public'
union all
select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid) from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
    and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select 'grant', table_name || ' to ' || grantee, string_agg(privilege_type, ',' order by privilege_type)
    from information_schema.role_table_grants where table_schema = 'public' group by table_name, grantee
union all
select 'column grant', table_name || '.' || column_name || ' to ' || grantee, privilege_type
    from information_schema.column_privileges where table_schema = 'public' and grantee like 'voltlane%'
union all
select 'row security', relname, relrowsecurity::text || relforcerowsecurity::text
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
order by 1, 2, 3
"""


@pytest.fixture
async def empty_database(postgres: EmbeddedPostgres) -> AsyncIterator[URL]:
    """A database without a table, owned by the migrations' role; dropped after the test."""
    name = f"empty_{uuid4().hex[:12]}"
    await ensure_roles_and_database(postgres, name)
    try:
        yield postgres.url(OWNER_ROLE, name)
    finally:
        superuser = await asyncpg.connect(user="postgres", database="postgres", host=str(postgres.socket_dir))
        await superuser.execute(f"drop database {name} with (force)")
        await superuser.close()


async def _schema(url: URL) -> list[tuple[str, str, str]]:
    connection = await asyncpg.connect(user=url.username, database=url.database, host=str(url.query["host"]))
    try:
        return [tuple(row) for row in await connection.fetch(_SCHEMA)]
    finally:
        await connection.close()


async def test_up_equals_the_tables_in_code_and_up_down_up_leaves_no_trace(empty_database: URL) -> None:
    await runner.upgrade(empty_database)
    await runner.check(empty_database)
    first = await _schema(empty_database)

    await runner.downgrade(empty_database, "base")
    left = {name.partition(".")[0] for kind, name, _ in await _schema(empty_database) if kind == "column"}
    functions = [name for kind, name, _ in await _schema(empty_database) if kind == "function"]
    assert left <= {"alembic_version"}
    assert functions == []

    await runner.upgrade(empty_database)
    await runner.check(empty_database)
    assert await _schema(empty_database) == first


async def test_each_step_back_can_be_taken_again(empty_database: URL) -> None:
    revisions = [script.revision for script in _scripts().walk_revisions()]
    await runner.upgrade(empty_database)
    for revision, below in zip(revisions, [*revisions[1:], "base"], strict=True):
        before = await _schema(empty_database)
        await runner.downgrade(empty_database, below)
        await runner.upgrade(empty_database, revision)
        assert await _schema(empty_database) == before, revision
        await runner.downgrade(empty_database, below)


def test_the_migrations_are_one_numbered_line() -> None:
    scripts = _scripts()
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert len(scripts.get_heads()) == 1
    assert [revision[:4] for revision in revisions] == [f"{n:04d}" for n in range(1, len(revisions) + 1)]
    assert sorted(file.stem for file in Path(scripts.versions).glob("[0-9]*.py")) == revisions


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(runner.alembic_config())
