"""The ledger: once by the key, always balanced, and a balance for whoever asks."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit.ids import new_id
from app.kit.money import Money
from payments.ledger import Entry, LedgerImbalanceError, assert_balanced, balance, post
from payments.tables import LedgerAccount, LedgerEntry, LedgerTransaction
from tests.integration.payments.world import EUR, World

RECEIVABLE, REVENUE = LedgerAccount.DRIVER_RECEIVABLE, LedgerAccount.REVENUE


async def _post(world: World, key: str, *amounts: int) -> bool:
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        accounts = [RECEIVABLE, REVENUE, LedgerAccount.VAT_PAYABLE]
        entries = [Entry(account, amount) for account, amount in zip(accounts, amounts, strict=False)]
        return await post(uow, key=key, kind="test", entries=entries, session_id=None, currency=EUR)


async def test_the_same_key_posts_once_even_at_once(world: World) -> None:
    posted = await asyncio.gather(*(_post(world, "k", 119, -100, -19) for _ in range(10)))
    assert sum(posted) == 1
    assert await world.count(LedgerTransaction) == 1
    assert await world.count(LedgerEntry) == 3


async def test_what_does_not_balance_is_refused_and_zeros_are_not_posted(world: World) -> None:
    with pytest.raises(LedgerImbalanceError):
        await _post(world, "k", 119, -100)
    assert not await _post(world, "zero", 0, 0)
    assert await world.count(LedgerTransaction) == 0


async def test_balances_are_kept_by_driver_and_currency(world: World) -> None:
    drivers = [await world.driver(), await world.driver()]
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        for number, driver_id in enumerate(drivers, start=1):
            entries = [Entry(RECEIVABLE, 100 * number, driver_id), Entry(REVENUE, -100 * number)]
            await post(uow, key=new_id().hex, kind="test", entries=entries, session_id=None, currency=EUR)
        yen = [Entry(RECEIVABLE, 7, drivers[0]), Entry(REVENUE, -7)]
        await post(uow, key=new_id().hex, kind="test", entries=yen, session_id=None, currency="JPY")
    async with world.deps.database.read(world.tenant_id) as session:
        assert await balance(session, RECEIVABLE, currency=EUR) == Money(300, EUR)
        assert await balance(session, RECEIVABLE, currency=EUR, driver_id=drivers[1]) == Money(200, EUR)
        assert await balance(session, REVENUE, currency="JPY") == Money(-7, "JPY")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=2), max_size=5))
async def test_whatever_is_posted_the_books_balance(world: World, groups: list[list[int]]) -> None:
    for amounts in groups:
        await _post(world, new_id().hex, *amounts, -sum(amounts))
    async with world.deps.database.read(world.tenant_id) as session:
        await assert_balanced(session)
        total = [await balance(session, account, currency=EUR) for account in LedgerAccount]
    assert sum(amount.minor for amount in total) == 0
