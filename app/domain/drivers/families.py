"""Token families: one a signed-in device, a chain of refresh tokens of which only the last is good.

Whoever starts, continues or revokes a family holds the row lock of its driver or operator. So a revocation
misses no token that is being issued at the same moment, and a sign-in with a password that is being changed
comes after or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.uow import UnitOfWork
from app.domain.drivers.keys import digest_of
from app.domain.drivers.tables import Driver, RefreshToken, SubjectKind
from app.domain.drivers.tokens import AccessToken, AccessTokens
from app.domain.operators.tables import Operator
from app.domain.principals import Principal, PrincipalKind
from app.kit.ids import new_id, new_secret

S = TypeVar("S", Driver, Operator)
MAX_DEVICE = 120


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a device signs in with: the access token for calls, the refresh token for the next pair."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


async def lock_subject(uow: UnitOfWork, table: type[S], subject_id: UUID) -> S | None:
    """Lock a driver or operator (FOR NO KEY UPDATE: references to it go on) and return it as it is now."""
    return await uow.session.scalar(
        select(table)
        .where(table.id == subject_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def lock_subject_of_kind(uow: UnitOfWork, kind: SubjectKind, subject_id: UUID) -> Driver | Operator | None:
    """Lock whom a token belongs to and return the row as it is now."""
    if kind is SubjectKind.DRIVER:
        return await lock_subject(uow, Driver, subject_id)
    return await lock_subject(uow, Operator, subject_id)


async def start_family(
    uow: UnitOfWork, tokens: AccessTokens, subject: Driver | Operator, *, device: str | None, now: datetime
) -> TokenPair:
    """Sign a device in; the caller holds the subject's lock."""
    raw = new_secret()
    first = RefreshToken(
        id=new_id(),
        subject_kind=SubjectKind.DRIVER if isinstance(subject, Driver) else SubjectKind.OPERATOR,
        subject_id=subject.id,
        family_id=new_id(),
        token_hash=digest_of(raw),
        device=device[:MAX_DEVICE] if device else None,
        expires_at=now + tokens.lifetimes.refresh,
    )
    uow.session.add(first)
    await uow.session.flush()
    return token_pair(uow.tenant_id, tokens, subject, first, raw)


def token_pair(
    tenant_id: UUID, tokens: AccessTokens, subject: Driver | Operator, last: RefreshToken, raw: str
) -> TokenPair:
    """Return a family's last refresh token with a fresh access token."""
    access: AccessToken
    if isinstance(subject, Driver):
        access = tokens.issue_driver(tenant_id, subject.id, last.family_id)
    else:
        access = tokens.issue_operator(tenant_id, subject.id, subject.role, last.family_id)
    return TokenPair(access.value, access.expires_at, raw, last.expires_at)


async def revoke_family(uow: UnitOfWork, family_id: UUID, now: datetime) -> None:
    """Revoke every token of a family; the caller holds the subject's lock."""
    await uow.session.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def revoke_families(
    uow: UnitOfWork, subject: Driver | Operator, now: datetime, *, but: UUID | None = None
) -> None:
    """Revoke every family of a subject, except one; the caller holds the subject's lock."""
    kind = SubjectKind.DRIVER if isinstance(subject, Driver) else SubjectKind.OPERATOR
    statement = update(RefreshToken).where(
        RefreshToken.subject_kind == kind,
        RefreshToken.subject_id == subject.id,
        RefreshToken.revoked_at.is_(None),
    )
    if but is not None:
        statement = statement.where(RefreshToken.family_id != but)
    await uow.session.execute(statement.values(revoked_at=now))


async def family_is_live(session: AsyncSession, family_id: UUID, now: datetime) -> bool:
    """Tell whether a device is still signed in: its last token is neither revoked nor expired."""
    found: Sequence[UUID] = (
        await session.scalars(
            select(RefreshToken.id)
            .where(
                RefreshToken.family_id == family_id,
                RefreshToken.used_at.is_(None),
                RefreshToken.revoked_at.is_(None),
                RefreshToken.expires_at > now,
            )
            .limit(1)
        )
    ).all()
    return bool(found)


async def principal_is_live(session: AsyncSession, principal: Principal, now: datetime) -> bool:
    """Tell whether a principal's sign-in still stands; to be asked before anything with lasting effect.

    For an operator the role of the token must be the role of now.
    """
    if principal.kind is PrincipalKind.OPERATOR:
        operator = await session.get(Operator, principal.subject_id)
        if operator is None or operator.disabled_at is not None or operator.role is not principal.role:
            return False
    else:
        driver = await session.get(Driver, principal.subject_id)
        if driver is None or driver.disabled_at is not None:
            return False
    return principal.family_id is None or await family_is_live(session, principal.family_id, now)
