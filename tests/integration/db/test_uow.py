"""The unit of work: everything or nothing, events in sequence, jobs in the transaction, tenants apart."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from app.db.events import events_after
from app.db.idempotency import IdempotencyConflictError, claim
from app.db.tables import Event, IdempotencyKey, Tenant
from app.db.uow import Database
from app.domain.stations.tables import Charger
from payments.tables import LedgerAccount, LedgerEntry, LedgerTransaction


async def _add_charger(database: Database, tenant: Tenant, identity: str) -> UUID:
    async with database.unit_of_work(tenant.id) as uow:
        charger = Charger(identity=identity)
        uow.session.add(charger)
        await uow.session.flush()
        return charger.id


async def test_an_error_keeps_no_row_no_event_and_no_job(app_db: Database, tenant: Tenant) -> None:
    with pytest.raises(RuntimeError, match="after"):
        async with app_db.unit_of_work(tenant.id) as uow:
            charger = Charger(identity="CP1")
            uow.session.add(charger)
            await uow.record(charger, "charger.added", {})
            await uow.enqueue("some.job")
            raise RuntimeError("after")
    async with app_db.read(tenant.id) as session:
        for table in ("chargers", "events", "pgqueuer"):
            assert await session.scalar(text(f"select count(*) from {table}")) == 0


async def test_a_failed_commit_reaches_the_caller(app_db: Database, tenant: Tenant) -> None:
    with pytest.raises(DBAPIError, match="do not sum to zero"):
        async with app_db.unit_of_work(tenant.id) as uow:
            transaction = LedgerTransaction(key="k", kind="test", currency="EUR")
            uow.session.add(transaction)
            await uow.session.flush()
            uow.session.add(LedgerEntry(transaction_id=transaction.id, account=LedgerAccount.REVENUE, amount_minor=1))
    async with app_db.read(tenant.id) as session:
        assert await session.scalar(select(func.count()).select_from(LedgerTransaction)) == 0


async def test_events_of_an_aggregate_count_up_without_gaps(app_db: Database, tenant: Tenant) -> None:
    charger_id = await _add_charger(app_db, tenant, "CP1")

    async def bump() -> None:
        async with app_db.unit_of_work(tenant.id) as uow:
            charger = await uow.session.get_one(Charger, charger_id, with_for_update=True)
            await uow.record(charger, "charger.seen", {})

    await asyncio.gather(*(bump() for _ in range(12)))
    async with app_db.read(tenant.id) as session:
        events = await events_after(session, charger_id, 0)
    assert [event.seq for event in events] == list(range(1, 13))


@pytest.mark.parametrize("table", ["events", "ledger_entries", "billing_documents", "audit_entries"])
async def test_append_only_tables_refuse_changes(app_db: Database, tenant: Tenant, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with app_db.unit_of_work(tenant.id) as uow:
            await uow.session.execute(text(f"delete from {table}"))


async def test_a_query_without_filter_sees_only_its_tenant(
    app_db: Database, bridge_db: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    await _add_charger(app_db, tenant, "MINE")
    await _add_charger(app_db, other_tenant, "THEIRS")
    async with app_db.read(tenant.id) as session:
        assert list(await session.scalars(select(Charger.identity))) == ["MINE"]
    async with app_db.read(None) as session:
        assert list(await session.scalars(select(Charger.identity))) == []
    async with bridge_db.read(tenant.id) as session:
        assert sorted(await session.scalars(select(Charger.identity))) == ["MINE", "THEIRS"]
        assert list(await session.scalars(select(Event))) == []


async def test_a_row_of_another_tenant_cannot_be_written(
    app_db: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with app_db.unit_of_work(tenant.id) as uow:
            uow.session.add(Charger(identity="X", tenant_id=other_tenant.id))


async def test_every_table_is_separated_by_tenant(app_db: Database, tenant: Tenant) -> None:
    query = text(
        """
        select relname from pg_class c join pg_namespace n on n.oid = relnamespace
        where relkind = 'r' and nspname = 'public' and not (relrowsecurity and relforcerowsecurity)
        """
    )
    async with app_db.read(tenant.id) as session:
        open_tables = set(await session.scalars(query))
        roles = text("select bool_or(rolsuper or rolbypassrls) from pg_roles where rolname like 'voltlane%'")
        assert await session.scalar(roles) is False
    assert open_tables == {
        "tenants",
        "alembic_version",
        "pgqueuer",
        "pgqueuer_log",
        "pgqueuer_schedules",
        "pgqueuer_statistics",
    }


async def test_one_key_one_first_arrival(app_db: Database, tenant: Tenant) -> None:
    firsts = []

    async def arrive() -> None:
        async with app_db.unit_of_work(tenant.id) as uow:
            row = await claim(uow, actor="d1", operation="start", key="k", request={"evse": 1})
            if row.result is None:
                firsts.append(row.id)
                row.result = {"session": "s"}

    await asyncio.gather(*(arrive() for _ in range(20)))
    assert len(firsts) == 1
    with pytest.raises(IdempotencyConflictError):
        async with app_db.unit_of_work(tenant.id) as uow:
            await claim(uow, actor="d1", operation="start", key="k", request={"evse": 2})
    async with app_db.read(tenant.id) as session:
        assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


async def test_a_job_with_a_known_dedupe_key_is_not_added_twice(app_db: Database, tenant: Tenant) -> None:
    for _ in range(2):
        async with app_db.unit_of_work(tenant.id) as uow:
            await uow.enqueue("session.settle", {"session": "1"}, dedupe_key="settle:1")
    async with app_db.read(tenant.id) as session:
        assert await session.scalar(text("select count(*) from pgqueuer")) == 1


async def test_duplicate_rows_are_an_error_and_the_pool_survives(app_db: Database, tenant: Tenant) -> None:
    await _add_charger(app_db, tenant, "CP1")
    with pytest.raises(IntegrityError):
        await _add_charger(app_db, tenant, "CP1")
    assert await _add_charger(app_db, tenant, "CP2")
