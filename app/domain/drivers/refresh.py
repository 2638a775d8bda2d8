"""Refreshing: a refresh token is exchanged for its successor, once.

A used token that comes again means that two parties hold it, and the whole family is revoked (RFC 9700
4.14.2). One exception: mobile networks lose answers, and the app then asks again with the token it has. For
`GRACE` after its use, and only while the successor is unused, the same successor is answered again; it is
derived from its predecessor with a key of the server, for only digests are stored. A thief who replays inside
the grace gets the owner's own successor: the second of the two to use it gives the theft away. So however
many calls arrive at once, a token has one successor.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.errors import (
    AccountDisabledError,
    TokenExpiredError,
    TokenInvalidError,
    TokenReusedError,
)
from app.domain.drivers.families import TokenPair, lock_subject_of_kind, revoke_family, token_pair
from app.domain.drivers.keys import derive_text, digest_of
from app.domain.drivers.tables import Driver, RefreshToken
from app.domain.drivers.tokens import AccessTokens
from app.domain.operators.tables import Operator
from app.kit.clock import Clock
from app.kit.errors import UserError
from app.kit.ids import new_id

GRACE = timedelta(seconds=30)


async def refresh(
    database: Database, tenant_id: UUID, clock: Clock, *, tokens: AccessTokens, refresh_token: str
) -> TokenPair:
    """Return the next pair of a device.

    Raises TokenInvalidError (unknown or revoked), TokenExpiredError, TokenReusedError (the family is revoked now),
    AccountDisabledError.
    """

    async def work(uow: UnitOfWork) -> TokenPair | UserError:
        return await _exchange(uow, tokens, refresh_token, clock.now())

    outcome = await database.transact(tenant_id, work)
    if isinstance(outcome, UserError):  # raised after the commit, for the revocation must stay
        raise outcome
    return outcome


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A presented token whose subject is locked."""

    uow: UnitOfWork
    tokens: AccessTokens
    subject: Driver | Operator
    presented: RefreshToken
    raw: str
    now: datetime

    def pair(self, last: RefreshToken, raw: str) -> TokenPair:
        return token_pair(self.uow.tenant_id, self.tokens, self.subject, last, raw)


async def _exchange(uow: UnitOfWork, tokens: AccessTokens, raw: str, now: datetime) -> TokenPair | UserError:
    presented = await _find(uow, raw)
    if presented is None:
        return TokenInvalidError()
    subject = await lock_subject_of_kind(uow, presented.subject_kind, presented.subject_id)
    await uow.session.refresh(presented)  # as it is now that nobody else can change it
    if presented.revoked_at is not None or subject is None:
        return TokenInvalidError()
    if presented.expires_at <= now:
        return TokenExpiredError()
    if subject.disabled_at is not None:
        await revoke_family(uow, presented.family_id, now)
        return AccountDisabledError()
    exchange = _Exchange(uow, tokens, subject, presented, raw, now)
    return await (_rotate(exchange) if presented.used_at is None else _replay(exchange))


async def _rotate(exchange: _Exchange) -> TokenPair:
    presented = exchange.presented
    presented.used_at = exchange.now
    successor_raw = derive_text(exchange.tokens.successor_keys[0], exchange.raw)
    successor = RefreshToken(
        id=new_id(),
        subject_kind=presented.subject_kind,
        subject_id=presented.subject_id,
        family_id=presented.family_id,
        token_hash=digest_of(successor_raw),
        device=presented.device,
        expires_at=exchange.now + exchange.tokens.lifetimes.refresh,
    )
    exchange.uow.session.add(successor)
    await exchange.uow.session.flush()
    return exchange.pair(successor, successor_raw)


async def _replay(exchange: _Exchange) -> TokenPair | UserError:
    used_at = exchange.presented.used_at
    if used_at is not None and exchange.now - used_at <= GRACE:
        for key in exchange.tokens.successor_keys:
            successor_raw = derive_text(key, exchange.raw)
            successor = await _find(exchange.uow, successor_raw)
            if successor is not None and successor.used_at is None:
                return exchange.pair(successor, successor_raw)
    await revoke_family(exchange.uow, exchange.presented.family_id, exchange.now)
    return TokenReusedError()


async def _find(uow: UnitOfWork, raw: str) -> RefreshToken | None:
    return await uow.session.scalar(select(RefreshToken).where(RefreshToken.token_hash == digest_of(raw)))
