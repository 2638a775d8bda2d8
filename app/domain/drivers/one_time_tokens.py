"""One-time tokens: what a link in a mail carries.

The raw token is derived from the row's id and purpose with a key of the server. So a job that sends the mail
names only the row, the table holds only the token's digest, and neither a copy of the database nor a look at
the queue opens an account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.domain.drivers.errors import TokenExpiredError, TokenInvalidError, TokenReusedError
from app.domain.drivers.families import lock_subject
from app.domain.drivers.keys import derive_key, derive_text, digest_of
from app.domain.drivers.tables import Driver, OneTimeToken, TokenPurpose
from app.kit.ids import new_id

LIFETIMES = {TokenPurpose.VERIFY_EMAIL: timedelta(hours=48), TokenPurpose.RESET_PASSWORD: timedelta(hours=1)}


class OneTimeKeys:
    """Derives raw tokens. The first secret makes new ones; rows made with a previous one can still be mailed."""

    def __init__(self, secret: str, previous_secrets: Sequence[str] = ()) -> None:
        self._keys = [derive_key(each, "one-time-token") for each in (secret, *previous_secrets)]

    def new(self, token: OneTimeToken) -> str:
        """Return the raw token of a row that is being made."""
        return derive_text(self._keys[0], _message(token))

    def raw(self, token: OneTimeToken) -> str:
        """Return the raw token of a stored row. Raises LookupError where its secret is gone."""
        for key in self._keys:
            raw = derive_text(key, _message(token))
            if digest_of(raw) == token.token_hash:
                return raw
        raise LookupError(f"no secret fits the one-time token {token.id}")


def _message(token: OneTimeToken) -> str:
    return f"{token.purpose.value}:{token.id}"


async def issue_one_time_token(
    uow: UnitOfWork, keys: OneTimeKeys, driver: Driver, purpose: TokenPurpose, now: datetime
) -> OneTimeToken:
    """Add a token for the driver's present address."""
    assert driver.email is not None
    token = OneTimeToken(
        id=new_id(),
        driver_id=driver.id,
        purpose=purpose,
        email=driver.email,
        expires_at=now + LIFETIMES[purpose],
    )
    token.token_hash = digest_of(keys.new(token))
    uow.session.add(token)
    await uow.session.flush()
    return token


async def find_one_time_token(session: AsyncSession, raw: str, purpose: TokenPurpose, now: datetime) -> OneTimeToken:
    """Return a token that can be used. Raises TokenInvalidError, TokenReusedError, TokenExpiredError."""
    token = await session.scalar(select(OneTimeToken).where(OneTimeToken.token_hash == digest_of(raw)))
    if token is None:
        raise TokenInvalidError
    _check(token, purpose, now)
    return token


async def redeem_one_time_token(uow: UnitOfWork, raw: str, purpose: TokenPurpose, now: datetime) -> Driver:
    """Use a token up; return its driver, locked. Of concurrent calls with one token, one succeeds.

    Raises TokenInvalidError (also where the account is disabled or has another address by now), TokenReusedError,
    TokenExpiredError.
    """
    token = await find_one_time_token(uow.session, raw, purpose, now)
    driver = await lock_subject(uow, Driver, token.driver_id)
    await uow.session.refresh(token)
    _check(token, purpose, now)
    if driver is None or driver.disabled_at is not None or driver.email != token.email:
        raise TokenInvalidError
    token.used_at = now
    return driver


async def void_one_time_tokens(uow: UnitOfWork, driver: Driver, purpose: TokenPurpose, now: datetime) -> None:
    """Use up every outstanding token of a purpose; the caller holds the driver's lock."""
    await uow.session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.driver_id == driver.id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=now)
    )


def _check(token: OneTimeToken, purpose: TokenPurpose, now: datetime) -> None:
    if token.purpose is not purpose:
        raise TokenInvalidError
    if token.used_at is not None:
        raise TokenReusedError
    if token.expires_at <= now:
        raise TokenExpiredError
