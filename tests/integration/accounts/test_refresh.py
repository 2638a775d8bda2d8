"""Refresh tokens: rotation, one successor under concurrency, reuse, grace, sign-out, liveness."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from app.domain.drivers.errors import (
    AccountDisabledError,
    TokenExpiredError,
    TokenInvalidError,
    TokenReusedError,
)
from app.domain.drivers.families import TokenPair, principal_is_live
from app.domain.drivers.keys import digest_of
from app.domain.drivers.purge import purge_expired
from app.domain.drivers.refresh import refresh
from app.domain.drivers.sign_out import sign_out
from app.domain.drivers.tables import AttemptCounter, Driver, OneTimeToken, RefreshToken
from app.domain.drivers.tokens import AccessTokens, TokenLifetimes
from tests.integration.accounts.conftest import SECRET, Office


async def _refresh(office: Office, raw: str) -> TokenPair:
    return await refresh(office.database, office.tenant_id, office.clock, tokens=office.tokens, refresh_token=raw)


async def _rows(office: Office) -> Sequence[RefreshToken]:
    async with office.database.read(office.tenant_id) as session:
        return (await session.scalars(select(RefreshToken).order_by(RefreshToken.id))).all()


async def _live(office: Office, pair: TokenPair) -> bool:
    async with office.database.read(office.tenant_id) as session:
        principal = office.tokens.verify(pair.access_token)
        return await principal_is_live(session, principal, office.clock.now())


async def test_a_token_is_exchanged_for_its_successor(office: Office) -> None:
    first = (await office.sign_up()).tokens
    office.clock.advance(days=59)
    second = await _refresh(office, first.refresh_token)
    old, new = await _rows(office)
    assert (old.used_at, old.revoked_at) == (office.clock.now(), None)
    assert (new.used_at, new.revoked_at, new.family_id) == (None, None, old.family_id)
    assert new.token_hash == digest_of(second.refresh_token)
    assert new.expires_at == office.clock.now() + office.tokens.lifetimes.refresh == second.refresh_expires_at
    assert office.tokens.verify(second.access_token).family_id == old.family_id
    assert second.refresh_token != first.refresh_token


async def test_refreshes_at_once_make_one_successor(office: Office) -> None:
    first = (await office.sign_up()).tokens
    pairs = await asyncio.gather(*(_refresh(office, first.refresh_token) for _ in range(12)))
    assert len({pair.refresh_token for pair in pairs}) == 1
    old, new = await _rows(office)
    assert old.used_at is not None
    assert (new.used_at, new.revoked_at) == (None, None)


async def test_a_lost_answer_is_given_again_for_half_a_minute(office: Office) -> None:
    first = (await office.sign_up()).tokens
    second = await _refresh(office, first.refresh_token)
    office.clock.advance(seconds=30)
    assert (await _refresh(office, first.refresh_token)).refresh_token == second.refresh_token
    office.clock.advance(microseconds=1)
    with pytest.raises(TokenReusedError):
        await _refresh(office, first.refresh_token)
    assert all(row.revoked_at == office.clock.now() for row in await _rows(office))


async def test_reuse_after_the_chain_went_on_revokes_the_whole_family(office: Office) -> None:
    first = (await office.sign_up()).tokens
    bystander = (await office.sign_in()).tokens
    second = await _refresh(office, first.refresh_token)
    third = await _refresh(office, second.refresh_token)
    with pytest.raises(TokenReusedError) as reuse:
        await _refresh(office, first.refresh_token)
    assert reuse.value.code == "TOKEN_REUSED"
    with pytest.raises(TokenInvalidError):
        await _refresh(office, third.refresh_token)
    assert not await _live(office, third)
    assert await _live(office, bystander)
    family = office.tokens.verify(first.access_token).family_id
    rows = await _rows(office)
    assert [row.revoked_at is not None for row in rows if row.family_id == family] == [True, True, True]
    assert [row.revoked_at for row in rows if row.family_id != family] == [None]


async def test_an_answer_is_given_again_after_the_secret_changed(office: Office) -> None:
    first = (await office.sign_up()).tokens
    second = await _refresh(office, first.refresh_token)
    office.tokens = AccessTokens("a-newer-installation-secret-of-length", office.clock, TokenLifetimes(), [SECRET])
    assert (await _refresh(office, first.refresh_token)).refresh_token == second.refresh_token
    assert office.tokens.verify(first.access_token).tenant_id == office.tenant_id


async def test_what_is_unknown_expired_or_anothers_is_refused(office: Office, other_office: Office) -> None:
    first = (await office.sign_up()).tokens
    for raw in ("", "nonsense", "\ud800", "x" * 10_000):
        with pytest.raises(TokenInvalidError):
            await _refresh(office, raw)
    with pytest.raises(TokenInvalidError):
        await _refresh(other_office, first.refresh_token)
    office.clock.advance(days=60)
    with pytest.raises(TokenExpiredError):
        await _refresh(office, first.refresh_token)
    assert [row.used_at for row in await _rows(office)] == [None]


async def test_a_disabled_driver_is_signed_out(office: Office) -> None:
    signed_up = await office.sign_up()
    async with office.database.unit_of_work(office.tenant_id) as uow:
        await uow.session.execute(update(Driver).values(disabled_at=office.clock.now()))
    assert not await _live(office, signed_up.tokens)
    with pytest.raises(AccountDisabledError):
        await _refresh(office, signed_up.tokens.refresh_token)
    assert [row.revoked_at for row in await _rows(office)] == [office.clock.now()]


async def test_signing_out_ends_one_device_or_all(office: Office) -> None:
    phone, tablet, watch = [(await office.sign_up()).tokens for _ in range(3)]
    await sign_out(office.database, office.clock, office.tokens.verify(phone.access_token))
    assert [await _live(office, pair) for pair in (phone, tablet, watch)] == [False, True, True]
    with pytest.raises(TokenInvalidError):
        await _refresh(office, phone.refresh_token)
    await sign_out(office.database, office.clock, office.tokens.verify(tablet.access_token), everywhere=True)
    assert [await _live(office, pair) for pair in (phone, tablet, watch)] == [False, False, False]
    assert all(row.revoked_at is not None for row in await _rows(office))


async def test_no_refresh_escapes_a_sign_out_everywhere(office: Office) -> None:
    pairs = [(await office.sign_up()).tokens for _ in range(4)]
    principal = office.tokens.verify(pairs[0].access_token)
    await asyncio.gather(
        *(_refresh(office, pair.refresh_token) for pair in pairs),
        sign_out(office.database, office.clock, principal, everywhere=True),
        return_exceptions=True,
    )
    assert [row for row in await _rows(office) if row.revoked_at is None] == []


async def test_signing_out_of_another_brand_changes_nothing(office: Office, other_office: Office) -> None:
    mine = (await office.sign_up()).tokens
    theirs = (await other_office.sign_up()).tokens
    principal = other_office.tokens.verify(theirs.access_token)
    await sign_out(office.database, office.clock, principal, everywhere=True)
    assert await _live(office, mine)
    assert not await _live(other_office, theirs)


async def test_purge_removes_only_what_has_expired(office: Office) -> None:
    await office.sign_up()
    office.clock.advance(days=59)
    kept = await office.sign_in()
    office.clock.advance(days=1, hours=1)
    await purge_expired(office.database, office.tenant_id, office.clock)
    async with office.database.read(office.tenant_id) as session:
        hashes = list(await session.scalars(select(RefreshToken.token_hash)))
        assert list(await session.scalars(select(OneTimeToken.id))) == []
        assert list(await session.scalars(select(AttemptCounter.id))) == []
    assert hashes == [digest_of(kept.tokens.refresh_token)]
