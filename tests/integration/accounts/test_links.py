"""Links in mails: verification, password reset, and what a change of password ends."""

import asyncio

import pytest
from sqlalchemy import func, select

from app.domain.drivers.change_password import change_password
from app.domain.drivers.errors import (
    RateLimitedError,
    SignInFailedError,
    TokenExpiredError,
    TokenInvalidError,
    TokenReusedError,
    WeakPasswordError,
    WrongPasswordError,
)
from app.domain.drivers.families import principal_is_live
from app.domain.drivers.request_password_reset import request_password_reset
from app.domain.drivers.request_verification import request_verification
from app.domain.drivers.reset_password import reset_password
from app.domain.drivers.tables import Driver, OneTimeToken, RefreshToken
from app.domain.drivers.verify_email import verify_email
from app.kit.errors import UserError
from tests.integration.accounts.conftest import ADDRESS, EMAIL, PASSWORD, Office

NEW_PASSWORD = "another staple of horses"


async def _verify(office: Office, raw: str) -> None:
    await verify_email(office.database, office.tenant_id, office.clock, token=raw)


async def _ask_reset(office: Office, email: str = EMAIL, address: str | None = ADDRESS) -> None:
    await request_password_reset(
        office.database,
        office.tenant_id,
        office.clock,
        one_time_keys=office.keys,
        mailer=office.mails,
        email=email,
        client_address=address,
    )


async def _reset(office: Office, raw: str, password: str = NEW_PASSWORD) -> None:
    await reset_password(
        office.database,
        office.tenant_id,
        office.clock,
        passwords=office.passwords,
        token=raw,
        new_password=password,
    )


async def _change(office: Office, access_token: str, current: str, new: str = NEW_PASSWORD) -> None:
    principal = office.tokens.verify(access_token)
    await change_password(
        office.database,
        office.clock,
        principal,
        passwords=office.passwords,
        current_password=current,
        new_password=new,
    )


async def _driver(office: Office) -> Driver:
    async with office.database.read(office.tenant_id) as session:
        return (await session.scalars(select(Driver))).one()


async def test_the_link_verifies_once(office: Office, other_office: Office) -> None:
    await office.sign_up()
    [(_, raw)] = office.mails.verifications
    with pytest.raises(TokenInvalidError):
        await _verify(other_office, raw)
    answers = await asyncio.gather(*(_verify(office, raw) for _ in range(5)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType"] + ["TokenReusedError"] * 4
    assert (await _driver(office)).email_verified_at == office.clock.now()
    async with office.database.read(office.tenant_id) as session:
        link = (await session.scalars(select(OneTimeToken))).one()
    assert link.used_at == office.clock.now()
    assert raw not in (link.token_hash, str(link.id))


async def test_a_link_is_good_for_its_own_purpose_and_time(office: Office) -> None:
    await office.sign_up()
    [(_, raw)] = office.mails.verifications
    with pytest.raises(TokenInvalidError):
        await _reset(office, raw)
    office.clock.advance(hours=48)
    with pytest.raises(TokenExpiredError):
        await _verify(office, raw)
    assert (await _driver(office)).email_verified_at is None


async def test_another_verification_link_may_be_asked_for_five_times(office: Office) -> None:
    driver_id = (await office.sign_up()).driver.id

    async def ask() -> None:
        await request_verification(
            office.database,
            office.tenant_id,
            office.clock,
            one_time_keys=office.keys,
            mailer=office.mails,
            driver_id=driver_id,
        )

    for _ in range(5):
        await ask()
    with pytest.raises(RateLimitedError):
        await ask()
    assert len({raw for _, raw in office.mails.verifications}) == 6
    await _verify(office, office.mails.verifications[3][1])
    await ask()
    assert len(office.mails.verifications) == 6


async def test_a_reset_changes_the_password_and_signs_everyone_out(office: Office) -> None:
    stranger = (await office.sign_up()).tokens
    await _ask_reset(office)
    await _ask_reset(office)
    (_, raw), (_, spare) = office.mails.resets
    await _reset(office, raw)
    driver = await _driver(office)
    assert driver.email_verified_at == office.clock.now()
    async with office.database.read(office.tenant_id) as session:
        assert list(await session.scalars(select(RefreshToken.revoked_at))) == [office.clock.now()]
        principal = office.tokens.verify(stranger.access_token)
        assert not await principal_is_live(session, principal, office.clock.now())
    with pytest.raises(SignInFailedError):
        await office.sign_in()
    assert (await office.sign_in(password=NEW_PASSWORD)).driver.email_verified
    for used in (raw, spare):
        with pytest.raises(TokenReusedError):
            await _reset(office, used)


async def test_a_reset_link_works_for_one_of_many_at_once(office: Office) -> None:
    await office.sign_up()
    await _ask_reset(office)
    [(_, raw)] = office.mails.resets
    answers = await asyncio.gather(
        *(_reset(office, raw, f"chosen at once {n}") for n in range(4)), return_exceptions=True
    )
    winners = [n for n, answer in enumerate(answers) if answer is None]
    assert len(winners) == 1
    assert sum(isinstance(answer, TokenReusedError) for answer in answers) == 3
    assert (await office.passwords.verify((await _driver(office)).password_hash, f"chosen at once {winners[0]}")).ok


async def test_a_reset_lifts_the_sign_in_limit(office: Office) -> None:
    await office.sign_up()
    for _ in range(10):
        with pytest.raises(SignInFailedError):
            await office.sign_in(password="wrong password")
    with pytest.raises(RateLimitedError):
        await office.sign_in()
    await _ask_reset(office)
    await _reset(office, office.mails.resets[0][1])
    assert (await office.sign_in(password=NEW_PASSWORD)).driver.email == EMAIL


async def test_a_weak_password_leaves_the_link_usable_and_a_bad_link_costs_no_argon2(office: Office) -> None:
    await office.sign_up()
    await _ask_reset(office)
    [(_, raw)] = office.mails.resets
    with pytest.raises(WeakPasswordError):
        await _reset(office, raw, "short")
    office.hasher.hashed = 0
    with pytest.raises(TokenInvalidError):
        await _reset(office, "nonsense")
    assert office.hasher.hashed == 0
    await _reset(office, raw)


async def test_asking_for_a_reset_never_tells_whether_there_is_an_account(office: Office) -> None:
    await office.sign_up()
    for email in (EMAIL, "nobody@example.com"):
        for _ in range(4):
            await _ask_reset(office, email)  # the fourth is dropped without a word
    assert len(office.mails.resets) == 3
    codes = []
    for number in range(24):
        try:
            await _ask_reset(office, f"d{number}@example.com")
            codes.append("OK")
        except UserError as error:
            codes.append(error.code)
    assert codes == ["OK"] * 22 + ["RATE_LIMITED"] * 2


async def test_changing_the_password_keeps_only_the_callers_device(office: Office) -> None:
    mine, other = (await office.sign_up()).tokens, (await office.sign_in()).tokens
    await _ask_reset(office)
    await _change(office, mine.access_token, PASSWORD)
    async with office.database.read(office.tenant_id) as session:
        live = [
            await principal_is_live(session, office.tokens.verify(pair.access_token), office.clock.now())
            for pair in (mine, other)
        ]
    assert live == [True, False]
    with pytest.raises(TokenReusedError):
        await _reset(office, office.mails.resets[0][1])
    with pytest.raises(SignInFailedError):
        await office.sign_in()
    assert (await office.sign_in(password=NEW_PASSWORD)).driver.email == EMAIL


async def test_the_current_password_cannot_be_guessed_with_an_access_token(office: Office) -> None:
    token = (await office.sign_up()).tokens.access_token
    before = (await _driver(office)).password_hash
    for _ in range(10):
        with pytest.raises(WrongPasswordError):
            await _change(office, token, "not the password")
    with pytest.raises(RateLimitedError):
        await _change(office, token, PASSWORD)
    with pytest.raises(WeakPasswordError):
        await _change(office, token, PASSWORD, "short")
    assert (await _driver(office)).password_hash == before
    async with office.database.read(office.tenant_id) as session:
        revoked = select(func.count()).select_from(RefreshToken).where(RefreshToken.revoked_at.is_not(None))
        assert await session.scalar(revoked) == 0
