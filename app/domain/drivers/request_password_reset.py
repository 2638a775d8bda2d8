"""Asking for a link that resets a forgotten password.

The answer is the same whether or not the address has an account. The few attempts an address has before its
requests are silently dropped leave nothing to measure in the time the answer takes.
"""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import (
    RESET_PER_ACCOUNT,
    RESET_PER_ADDRESS,
    account_key,
    address_key,
    take_attempt,
)
from app.domain.drivers.errors import RateLimitedError
from app.domain.drivers.inputs import normalise_email
from app.domain.drivers.one_time_tokens import OneTimeKeys, issue_one_time_token
from app.domain.drivers.ports import AccountMailer
from app.domain.drivers.tables import Driver, TokenPurpose
from app.kit.clock import Clock


async def request_password_reset(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    one_time_keys: OneTimeKeys,
    mailer: AccountMailer,
    email: str,
    client_address: str | None,
) -> None:
    """Have a link sent where the address has an account that is not disabled.

    Raises InvalidInputError (no e-mail address) and RateLimitedError (the client address, whatever the e-mail).
    """
    address = normalise_email(email)

    async def work(uow: UnitOfWork) -> None:
        now = clock.now()
        if client_address is not None:
            await take_attempt(uow, RESET_PER_ADDRESS, address_key(RESET_PER_ADDRESS, client_address), now)
        try:
            await take_attempt(uow, RESET_PER_ACCOUNT, account_key(RESET_PER_ACCOUNT, address), now)
        except RateLimitedError:
            return
        driver = await uow.session.scalar(select(Driver).where(Driver.email == address))
        if driver is not None and driver.disabled_at is None:
            link = await issue_one_time_token(uow, one_time_keys, driver, TokenPurpose.RESET_PASSWORD, now)
            await mailer.send_password_reset(uow, driver, link)

    await database.transact(tenant_id, work)
