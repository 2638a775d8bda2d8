"""Opening an account with e-mail and password.

A driver stands at a charger and wants to charge: a new account is signed in at once, its address yet
unverified. That tells whether an address was free, whatever the answer says; so it is said openly
(EMAIL_TAKEN), attempts are limited per client address, and a taken address costs the caller the same one
argon2 computation. A taken address with the right password is a sign-in: the app repeats a sign-up whose
answer was lost. That makes sign-up a place to guess passwords, so it counts under the limits of sign-in.

Nothing of lasting value hangs on an unverified address: no other sign-in is linked to it, no card registered
by its owner, and a password reset through the mailbox takes the account from whoever opened it with a
stranger's address.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import SIGN_UP_PER_ADDRESS, address_key, take_attempt
from app.domain.drivers.errors import EmailTakenError, SignInFailedError
from app.domain.drivers.families import lock_subject, start_family
from app.domain.drivers.inputs import normalise_email, normalise_locale, normalise_name
from app.domain.drivers.one_time_tokens import OneTimeKeys, issue_one_time_token
from app.domain.drivers.passwords import Passwords, check_strength
from app.domain.drivers.ports import AccountMailer
from app.domain.drivers.profile import profile_of
from app.domain.drivers.sign_in import SignedIn, sign_in
from app.domain.drivers.tables import Driver, DriverKind, TokenPurpose
from app.domain.drivers.tokens import AccessTokens
from app.kit.clock import Clock
from app.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class SignUp:
    """What a new driver gives; `locale` is the brand's where None."""

    email: str
    password: str
    name: str | None = None
    locale: str | None = None


async def sign_up(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    passwords: Passwords,
    tokens: AccessTokens,
    one_time_keys: OneTimeKeys,
    mailer: AccountMailer,
    given: SignUp,
    client_address: str | None,
    device: str | None = None,
) -> SignedIn:
    """Open an account, sign its device in and have the verification mail sent.

    Raises InvalidInputError, WeakPasswordError, RateLimitedError, EmailTakenError, AccountDisabledError.
    """
    accepted = _accepted(given)
    if await _is_free(database, tenant_id, clock, accepted.email, client_address):
        password_hash = await passwords.hash(accepted.password)

        async def work(uow: UnitOfWork) -> SignedIn | None:
            driver = await _insert(uow, accepted, password_hash)
            if driver is None:
                return None
            link = await issue_one_time_token(uow, one_time_keys, driver, TokenPurpose.VERIFY_EMAIL, clock.now())
            await mailer.send_verification(uow, driver, link)
            pair = await start_family(uow, tokens, driver, device=device, now=clock.now())
            return SignedIn(profile_of(driver), pair, created=True)

        signed_in = await database.transact(tenant_id, work)
        if signed_in is not None:
            return signed_in
    try:
        return await sign_in(
            database,
            tenant_id,
            clock,
            passwords=passwords,
            tokens=tokens,
            email=accepted.email,
            password=accepted.password,
            client_address=client_address,
            device=device,
        )
    except SignInFailedError:
        raise EmailTakenError from None


def _accepted(given: SignUp) -> SignUp:
    email = normalise_email(given.email)
    check_strength(given.password, email=email)
    locale = normalise_locale(given.locale) if given.locale is not None else None
    return SignUp(email, given.password, normalise_name(given.name), locale)


async def _is_free(database: Database, tenant_id: UUID, clock: Clock, email: str, client_address: str | None) -> bool:
    async def work(uow: UnitOfWork) -> bool:
        if client_address is not None:
            key = address_key(SIGN_UP_PER_ADDRESS, client_address)
            await take_attempt(uow, SIGN_UP_PER_ADDRESS, key, clock.now())
        return await uow.session.scalar(select(Driver.id).where(Driver.email == email)) is None

    return await database.transact(tenant_id, work)


async def _insert(uow: UnitOfWork, accepted: SignUp, password_hash: str) -> Driver | None:
    """Insert the driver; None where another call took the address meanwhile."""
    tenant = await uow.session.get_one(Tenant, uow.tenant_id)
    driver_id = await uow.session.scalar(
        insert(Driver)
        .values(
            id=new_id(),
            tenant_id=uow.tenant_id,
            kind=DriverKind.ACCOUNT,
            email=accepted.email,
            password_hash=password_hash,
            name=accepted.name,
            locale=accepted.locale or tenant.locale,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "email"])
        .returning(Driver.id)
    )
    return await lock_subject(uow, Driver, driver_id) if driver_id is not None else None
