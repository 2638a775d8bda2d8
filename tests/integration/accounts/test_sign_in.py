"""Signing in: equal work for every failure, exact limits over all processes, rehash, disabled accounts."""

import asyncio

import pytest
from argon2 import extract_parameters
from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.drivers.attempts import Limit, take_attempt
from app.domain.drivers.errors import AccountDisabledError, RateLimitedError, SignInFailedError
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.sign_in import SignedIn
from app.domain.drivers.tables import AttemptCounter, Driver, RefreshToken
from app.kit.errors import UserError
from tests.fakes.clock import FrozenClock
from tests.integration.accounts.conftest import EMAIL, PASSWORD, CountingHasher, Office, open_office


async def _counters(office: Office) -> dict[str, int]:
    async with office.database.read(office.tenant_id) as session:
        rows = await session.scalars(select(AttemptCounter).where(AttemptCounter.key.startswith("sign-in")))
        return {row.key.rpartition(":")[0]: row.count for row in rows}


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, "not the password"), ("nobody@example.com", PASSWORD), (EMAIL, "x" * 5000)]
)
async def test_every_failure_is_the_same_error_after_one_argon2(office: Office, email: str, password: str) -> None:
    await office.sign_up()
    office.hasher.hashed = 0
    with pytest.raises(SignInFailedError) as failure:
        await office.sign_in(email, password)
    assert failure.value.code == "SIGN_IN_FAILED"
    assert failure.value.field is None
    assert (office.hasher.verified, office.hasher.hashed) == (1, 0)


async def test_an_account_without_password_fails_like_an_unknown_one(office: Office) -> None:
    signed_up = await office.sign_up()
    async with office.database.unit_of_work(office.tenant_id) as uow:
        (await uow.session.get_one(Driver, signed_up.driver.id)).password_hash = None
    with pytest.raises(SignInFailedError):
        await office.sign_in()
    assert office.hasher.verified == 1


async def test_success_hands_its_attempts_back(office: Office) -> None:
    await office.sign_up()
    with pytest.raises(SignInFailedError):
        await office.sign_in(password="wrong password")
    for _ in range(12):
        await office.sign_in(EMAIL.upper())
    assert await _counters(office) == {"sign-in:account": 1, "sign-in:address": 1}


async def test_wrong_passwords_at_once_hit_the_limit_exactly(
    app_db: Database, tenant: Tenant, clock: FrozenClock, office: Office
) -> None:
    await office.sign_up()
    process = open_office(app_db, tenant, clock)  # another process has its own objects and the same rows
    answers = await asyncio.gather(
        *(place.sign_in(password="wrong password") for place in (office, process) for _ in range(10)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, SignInFailedError) for answer in answers) == 10
    assert sum(isinstance(answer, RateLimitedError) for answer in answers) == 10
    assert office.hasher.verified + process.hasher.verified == 10
    assert await _counters(office) == {"sign-in:account": 10, "sign-in:address": 10}
    with pytest.raises(RateLimitedError) as refusal:
        await office.sign_in()  # the right password too: the limit says nothing about it
    assert (refusal.value.code, refusal.value.retry_after_seconds) == ("RATE_LIMITED", 900)
    clock.advance(seconds=899.5)
    with pytest.raises(RateLimitedError) as refusal:
        await office.sign_in()
    assert refusal.value.retry_after_seconds == 1
    clock.advance(seconds=0.5)
    assert (await office.sign_in()).driver.email == EMAIL


async def test_unknown_accounts_are_limited_alike(office: Office) -> None:
    codes = []
    for _ in range(11):
        with pytest.raises(UserError) as failure:
            await office.sign_in("nobody@example.com")
        codes.append(failure.value.code)
    assert codes == ["SIGN_IN_FAILED"] * 10 + ["RATE_LIMITED"]


async def test_an_address_is_limited_over_many_accounts(office: Office) -> None:
    async def guess(number: int, address: str) -> str:
        try:
            await office.sign_in(f"d{number}@example.com", "a common password", address)
        except UserError as error:
            return error.code
        return "SIGNED_IN"

    network = "2001:db8:1:2::"
    codes = [await guess(number, f"{network}{number:x}") for number in range(102)]
    assert codes == ["SIGN_IN_FAILED"] * 100 + ["RATE_LIMITED"] * 2
    assert await guess(200, "2001:db8:1:3::1") == "SIGN_IN_FAILED"
    async with office.database.read(office.tenant_id) as session:
        counts = sorted(
            await session.scalars(select(AttemptCounter.count).where(AttemptCounter.key.startswith("sign-in:address")))
        )
        refused = await session.scalars(select(AttemptCounter).where(AttemptCounter.key.contains("example")))
        assert list(refused) == []
    assert counts == [1, 100]


async def test_limits_are_per_brand(office: Office, other_office: Office) -> None:
    await other_office.sign_up()
    for _ in range(10):
        with pytest.raises(SignInFailedError):
            await office.sign_in()
    assert (await other_office.sign_in()).driver.email == EMAIL


async def test_a_counter_starts_anew_after_its_window(office: Office) -> None:
    limit = Limit("test", 2, office.clock.now() - office.clock.now() + (office.tokens.lifetimes.access))
    for wait in (0, 0, 900):
        office.clock.advance(seconds=wait)
        async with office.database.unit_of_work(office.tenant_id) as uow:
            await take_attempt(uow, limit, "k", office.clock.now())
    async with office.database.read(office.tenant_id) as session:
        row = (await session.scalars(select(AttemptCounter))).one()
    assert (row.count, row.window_started_at) == (1, office.clock.now())


async def test_a_hash_with_old_parameters_is_renewed(office: Office) -> None:
    signed_up = await office.sign_up()
    office.passwords = Passwords(CountingHasher(time_cost=2))
    await office.sign_in()
    async with office.database.read(office.tenant_id) as session:
        driver = await session.get_one(Driver, signed_up.driver.id)
    assert driver.password_hash is not None
    assert extract_parameters(driver.password_hash).time_cost == 2
    assert isinstance(await office.sign_in(), SignedIn)


async def test_a_disabled_account_is_told_only_to_its_owner(office: Office) -> None:
    signed_up = await office.sign_up()
    async with office.database.unit_of_work(office.tenant_id) as uow:
        (await uow.session.get_one(Driver, signed_up.driver.id)).disabled_at = office.clock.now()
    with pytest.raises(SignInFailedError):
        await office.sign_in(password="wrong password")
    with pytest.raises(AccountDisabledError):
        await office.sign_in()
    async with office.database.read(office.tenant_id) as session:
        assert len((await session.scalars(select(RefreshToken))).all()) == 1
