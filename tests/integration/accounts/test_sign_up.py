"""Opening accounts: rows, the taken address, tenants apart, concurrency."""

import asyncio

import pytest
from sqlalchemy import func, select

from app.domain.drivers.attempts import SIGN_UP_PER_ADDRESS
from app.domain.drivers.errors import EmailTakenError, RateLimitedError, WeakPasswordError
from app.domain.drivers.sign_in import SignedIn
from app.domain.drivers.tables import AttemptCounter, Driver, DriverKind, OneTimeToken, RefreshToken, TokenPurpose
from app.domain.principals import PrincipalKind
from app.kit.errors import InvalidInputError
from tests.integration.accounts.conftest import EMAIL, PASSWORD, Office


async def _count(office: Office, table: type[Driver] | type[OneTimeToken] | type[RefreshToken]) -> int:
    async with office.database.read(office.tenant_id) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_new_account_is_signed_in_and_gets_a_verification_link(office: Office) -> None:
    signed_in = await office.sign_up(" Ada@Example.COM ")
    async with office.database.read(office.tenant_id) as session:
        driver = (await session.scalars(select(Driver))).one()
        refresh = (await session.scalars(select(RefreshToken))).one()
        link = (await session.scalars(select(OneTimeToken))).one()
    assert (driver.kind, driver.email, driver.name, driver.locale) == (DriverKind.ACCOUNT, EMAIL, "Ada", "de")
    assert driver.email_verified_at is None
    assert driver.password_hash is not None
    assert driver.password_hash.startswith("$argon2id$")
    assert (refresh.subject_id, refresh.used_at, refresh.revoked_at) == (driver.id, None, None)
    assert signed_in.tokens.refresh_token not in refresh.token_hash
    assert (link.driver_id, link.purpose, link.email) == (driver.id, TokenPurpose.VERIFY_EMAIL, EMAIL)
    assert [driver_id for driver_id, _ in office.mails.verifications] == [driver.id]
    assert signed_in.created
    assert not signed_in.driver.email_verified
    principal = office.tokens.verify(signed_in.tokens.access_token)
    assert (principal.kind, principal.subject_id) == (PrincipalKind.DRIVER, driver.id)
    assert (principal.tenant_id, principal.family_id) == (office.tenant_id, refresh.family_id)


async def test_a_taken_address_is_refused_at_the_cost_of_one_argon2(office: Office) -> None:
    first = await office.sign_up()
    office.hasher.hashed = 0
    with pytest.raises(EmailTakenError):
        await office.sign_up(password="quite another one")
    assert (office.hasher.verified, office.hasher.hashed) == (1, 0)
    assert await _count(office, Driver) == 1
    assert await _count(office, RefreshToken) == 1
    async with office.database.read(office.tenant_id) as session:
        driver = await session.get_one(Driver, first.driver.id)
        guesses = await session.scalar(
            select(AttemptCounter.count).where(AttemptCounter.key.startswith("sign-in:account"))
        )
    assert (await office.passwords.verify(driver.password_hash, PASSWORD)).ok
    assert guesses == 1


async def test_a_repeated_sign_up_is_a_sign_in(office: Office) -> None:
    first = await office.sign_up()
    second = await office.sign_up()
    assert second.driver.id == first.driver.id
    assert (first.created, second.created) == (True, False)
    assert await _count(office, Driver) == 1
    assert await _count(office, OneTimeToken) == 1


async def test_sign_ups_at_once_make_one_account(office: Office) -> None:
    answers = await asyncio.gather(*(office.sign_up() for _ in range(6)))
    assert len({answer.driver.id for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert await _count(office, Driver) == 1
    assert await _count(office, RefreshToken) == 6


async def test_sign_ups_at_once_with_other_passwords_lose(office: Office) -> None:
    answers = await asyncio.gather(
        *(office.sign_up(password=f"password number {n}") for n in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert sum(isinstance(answer, EmailTakenError) for answer in answers) == 3
    assert await _count(office, Driver) == 1


async def test_brands_have_accounts_of_their_own(office: Office, other_office: Office) -> None:
    mine = await office.sign_up()
    theirs = await other_office.sign_up(password="in another brand")
    assert mine.driver.id != theirs.driver.id
    assert await _count(office, Driver) == 1
    assert await _count(other_office, Driver) == 1
    assert (await office.sign_in()).driver.id == mine.driver.id


async def test_sign_ups_are_limited_per_address(office: Office) -> None:
    for number in range(SIGN_UP_PER_ADDRESS.most):
        await office.sign_up(f"d{number}@example.com")
    with pytest.raises(RateLimitedError):
        await office.sign_up("one-more@example.com")
    await office.sign_up("one-more@example.com", address="192.0.2.8")
    assert await _count(office, Driver) == SIGN_UP_PER_ADDRESS.most + 1


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "1234567890", EMAIL.upper(), "x" * 1025])
async def test_weak_passwords_are_refused(office: Office, password: str) -> None:
    with pytest.raises(WeakPasswordError) as refusal:
        await office.sign_up(password=password)
    assert (refusal.value.code, refusal.value.field) == ("WEAK_PASSWORD", "password")
    assert await _count(office, Driver) == 0


@pytest.mark.parametrize("email", ["", "a", "a@b", "a b@c.de", "a@b.de\nBcc: x@y.z", "<a@b.de>", "ä@b.de"])
async def test_what_is_no_address_is_refused(office: Office, email: str) -> None:
    with pytest.raises(InvalidInputError):
        await office.sign_up(email)
    assert await _count(office, Driver) == 0
