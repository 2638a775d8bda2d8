"""Limits on attempts, counted in the database: the same for all processes, exact under concurrency.

An attempt is taken before it is made, in one statement under the counter's row lock, and handed back where it
turns out rightful. A refused attempt counts nowhere. Keys are digests: a table of counters is no list of
addresses.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.drivers.errors import RateLimitedError
from app.domain.drivers.keys import digest_of
from app.domain.drivers.tables import AttemptCounter

LONGEST_WINDOW = timedelta(hours=1)
_IPV6_SUBSCRIBER_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts of an `action` in a window that starts with the first."""

    action: str
    most: int
    window: timedelta


SIGN_IN_PER_ACCOUNT = Limit("sign-in:account", 10, timedelta(minutes=15))
# Mobile networks put many subscribers behind one address, so an address gets more than an account.
SIGN_IN_PER_ADDRESS = Limit("sign-in:address", 100, timedelta(minutes=15))
OPERATOR_SIGN_IN_PER_ACCOUNT = Limit("operator-sign-in:account", 10, timedelta(minutes=15))
OPERATOR_SIGN_IN_PER_ADDRESS = Limit("operator-sign-in:address", 50, timedelta(minutes=15))
SIGN_UP_PER_ADDRESS = Limit("sign-up:address", 120, LONGEST_WINDOW)
GUEST_PER_ADDRESS = Limit("guest:address", 60, LONGEST_WINDOW)
FIREBASE_PER_ADDRESS = Limit("firebase:address", 100, timedelta(minutes=15))
RESET_PER_ACCOUNT = Limit("reset:account", 3, LONGEST_WINDOW)
RESET_PER_ADDRESS = Limit("reset:address", 30, LONGEST_WINDOW)
VERIFICATION_PER_ACCOUNT = Limit("verification:account", 5, LONGEST_WINDOW)


def account_key(limit: Limit, account: str) -> str:
    """Return the counter's key for an e-mail address or an account id."""
    return f"{limit.action}:{digest_of(account)[:40]}"


def address_key(limit: Limit, client_address: str) -> str:
    """Return the counter's key for a client address; an IPv6 subscriber holds a whole /64 network."""
    try:
        parsed = ipaddress.ip_address(client_address)
    except ValueError:
        return account_key(limit, client_address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return account_key(limit, str(parsed.ipv4_mapped))
        subscriber = ipaddress.ip_network((int(parsed), _IPV6_SUBSCRIBER_PREFIX), strict=False)
        return account_key(limit, str(subscriber.network_address))
    return account_key(limit, str(parsed))


async def take_attempt(uow: UnitOfWork, limit: Limit, key: str, now: datetime) -> None:
    """Count one attempt. Raises RateLimitedError where the window is full; its count then stays as it is."""
    expired = AttemptCounter.window_started_at <= now - limit.window
    statement = insert(AttemptCounter).values(tenant_id=uow.tenant_id, key=key, window_started_at=now, count=1)
    counted = await uow.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "key"],
            set_={
                "count": case((expired, 1), else_=AttemptCounter.count + 1),
                "window_started_at": case((expired, now), else_=AttemptCounter.window_started_at),
            },
            where=or_(expired, AttemptCounter.count < limit.most),
        ).returning(AttemptCounter.count)
    )
    if counted is None:
        started = await uow.session.scalar(select(AttemptCounter.window_started_at).where(AttemptCounter.key == key))
        left = ((started or now) + limit.window - now).total_seconds()
        raise RateLimitedError(max(1, math.ceil(left)))


async def return_attempt(uow: UnitOfWork, key: str) -> None:
    """Hand back an attempt that proved rightful."""
    await uow.session.execute(
        update(AttemptCounter).where(AttemptCounter.key == key).values(count=func.greatest(AttemptCounter.count - 1, 0))
    )


async def forget_attempts(uow: UnitOfWork, key: str) -> None:
    """Drop a counter, where its owner has proved another way who they are."""
    await uow.session.execute(delete(AttemptCounter).where(AttemptCounter.key == key))
