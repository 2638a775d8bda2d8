"""Changing the password of a signed-in driver.

The current password is asked for, under the account's sign-in limit: an access token alone must not be a way
to guess it. Every other device is signed out.
"""

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import SIGN_IN_PER_ACCOUNT, account_key, return_attempt, take_attempt
from app.domain.drivers.errors import AccountDisabledError, WrongPasswordError
from app.domain.drivers.families import lock_subject, revoke_families
from app.domain.drivers.one_time_tokens import void_one_time_tokens
from app.domain.drivers.passwords import Passwords, check_strength
from app.domain.drivers.tables import Driver, TokenPurpose
from app.domain.principals import Principal
from app.kit.clock import Clock
from app.kit.errors import NotFoundError


async def change_password(
    database: Database,
    clock: Clock,
    principal: Principal,
    *,
    passwords: Passwords,
    current_password: str,
    new_password: str,
) -> None:
    """Set a new password; the caller's own device stays signed in.

    Raises NotFoundError, WeakPasswordError, RateLimitedError, WrongPasswordError (also for an account without password,
    which sets its first one by a reset), AccountDisabledError.
    """
    check_strength(new_password)
    email, stored = await _take_attempt(database, clock, principal)
    check_strength(new_password, email=email)
    if not (await passwords.verify(stored, current_password)).ok:
        raise WrongPasswordError
    password_hash = await passwords.hash(new_password)

    async def work(uow: UnitOfWork) -> None:
        now = clock.now()
        driver = await lock_subject(uow, Driver, principal.subject_id)
        if driver is None or driver.password_hash != stored:
            raise WrongPasswordError
        if driver.disabled_at is not None:
            raise AccountDisabledError
        driver.password_hash = password_hash
        await revoke_families(uow, driver, now, but=principal.family_id)
        await void_one_time_tokens(uow, driver, TokenPurpose.RESET_PASSWORD, now)
        await return_attempt(uow, account_key(SIGN_IN_PER_ACCOUNT, email or ""))

    await database.transact(principal.tenant_id, work)


async def _take_attempt(database: Database, clock: Clock, principal: Principal) -> tuple[str | None, str | None]:
    """Count the attempt; return the account's address and hash."""

    async def work(uow: UnitOfWork) -> tuple[str | None, str | None]:
        driver = await uow.session.get(Driver, principal.subject_id)
        if driver is None:
            raise NotFoundError("There is no such driver.")
        key = account_key(SIGN_IN_PER_ACCOUNT, driver.email or "")
        await take_attempt(uow, SIGN_IN_PER_ACCOUNT, key, clock.now())
        return driver.email, driver.password_hash

    return await database.transact(principal.tenant_id, work)
