"""Proving an e-mail address by the link sent to it."""

from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.one_time_tokens import redeem_one_time_token
from app.domain.drivers.profile import DriverProfile, profile_of
from app.domain.drivers.tables import TokenPurpose
from app.kit.clock import Clock


async def verify_email(database: Database, tenant_id: UUID, clock: Clock, *, token: str) -> DriverProfile:
    """Mark the address verified. Raises TokenInvalidError, TokenReusedError, TokenExpiredError."""

    async def work(uow: UnitOfWork) -> DriverProfile:
        driver = await redeem_one_time_token(uow, token, TokenPurpose.VERIFY_EMAIL, clock.now())
        driver.email_verified_at = driver.email_verified_at or clock.now()
        return profile_of(driver)

    return await database.transact(tenant_id, work)
