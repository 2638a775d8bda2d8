"""Choosing a new password by the link sent to the account's address.

The link proves the mailbox: the address counts as verified from then on, and every device is signed out, so
that whoever had the account before has it no longer.
"""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import SIGN_IN_PER_ACCOUNT, account_key, forget_attempts
from app.domain.drivers.families import revoke_families
from app.domain.drivers.one_time_tokens import (
    find_one_time_token,
    redeem_one_time_token,
    void_one_time_tokens,
)
from app.domain.drivers.passwords import Passwords, check_strength
from app.domain.drivers.tables import TokenPurpose
from app.kit.clock import Clock


async def reset_password(
    database: Database, tenant_id: UUID, clock: Clock, *, passwords: Passwords, token: str, new_password: str
) -> None:
    """Set the password, revoke every family, void other links and lift the account's sign-in limit.

    Raises WeakPasswordError (the link stays usable), TokenInvalidError, TokenReusedError, TokenExpiredError.
    """
    async with database.read(tenant_id) as session:  # a bad link costs no argon2
        link = await find_one_time_token(session, token, TokenPurpose.RESET_PASSWORD, clock.now())
    check_strength(new_password, email=link.email)
    password_hash = await passwords.hash(new_password)

    async def work(uow: UnitOfWork) -> None:
        now = clock.now()
        driver = await redeem_one_time_token(uow, token, TokenPurpose.RESET_PASSWORD, now)
        driver.password_hash = password_hash
        driver.email_verified_at = driver.email_verified_at or now
        await revoke_families(uow, driver, now)
        await void_one_time_tokens(uow, driver, TokenPurpose.RESET_PASSWORD, now)
        await forget_attempts(uow, account_key(SIGN_IN_PER_ACCOUNT, link.email))

    await database.transact(tenant_id, work)
