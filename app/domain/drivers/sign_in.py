"""Signing a driver in with e-mail and password."""

from dataclasses import dataclass
from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS
from app.domain.drivers.credentials import SignInLimits, check_credentials, still_holds
from app.domain.drivers.families import TokenPair, start_family
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.profile import DriverProfile, profile_of
from app.domain.drivers.tables import Driver
from app.domain.drivers.tokens import AccessTokens
from app.kit.clock import Clock

DRIVER_LIMITS = SignInLimits(SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A driver whose device is signed in. `created` tells whether the account is new."""

    driver: DriverProfile
    tokens: TokenPair
    created: bool = False


async def sign_in(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    passwords: Passwords,
    tokens: AccessTokens,
    email: str,
    password: str,
    client_address: str | None,
    device: str | None = None,
) -> SignedIn:
    """Start a token family for a device.

    `client_address` is the caller's IP address, `device` a label its owner recognises. Raises InvalidInputError (no
    e-mail address), RateLimitedError, SignInFailedError, AccountDisabledError (after the right password only).
    """
    checked = await check_credentials(
        database,
        tenant_id,
        clock,
        passwords=passwords,
        table=Driver,
        limits=DRIVER_LIMITS,
        email=email,
        password=password,
        client_address=client_address,
    )

    async def work(uow: UnitOfWork) -> SignedIn:
        driver = await still_holds(uow, Driver, checked)
        pair = await start_family(uow, tokens, driver, device=device, now=clock.now())
        return SignedIn(profile_of(driver), pair)

    return await database.transact(tenant_id, work)
