"""Sending the verification mail again."""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import VERIFICATION_PER_ACCOUNT, account_key, take_attempt
from app.domain.drivers.families import lock_subject
from app.domain.drivers.one_time_tokens import OneTimeKeys, issue_one_time_token
from app.domain.drivers.ports import AccountMailer
from app.domain.drivers.tables import Driver, TokenPurpose
from app.kit.clock import Clock
from app.kit.errors import ConflictError, NotFoundError


async def request_verification(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    one_time_keys: OneTimeKeys,
    mailer: AccountMailer,
    driver_id: UUID,
) -> None:
    """Send a signed-in driver another link; a verified address needs none.

    Raises NotFoundError, ConflictError (NO_EMAIL), RateLimitedError.
    """

    async def work(uow: UnitOfWork) -> None:
        driver = await lock_subject(uow, Driver, driver_id)
        if driver is None:
            raise NotFoundError("There is no such driver.")
        if driver.email is None:
            raise ConflictError("This account has no e-mail address.", code="NO_EMAIL")
        if driver.email_verified_at is not None:
            return
        key = account_key(VERIFICATION_PER_ACCOUNT, str(driver.id))
        await take_attempt(uow, VERIFICATION_PER_ACCOUNT, key, clock.now())
        link = await issue_one_time_token(uow, one_time_keys, driver, TokenPurpose.VERIFY_EMAIL, clock.now())
        await mailer.send_verification(uow, driver, link)

    await database.transact(tenant_id, work)
