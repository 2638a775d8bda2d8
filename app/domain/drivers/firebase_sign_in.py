"""Signing in with a Firebase ID token.

A Firebase account is a driver of its own until both sides have verified the same e-mail address; only then is
it linked to the driver who has the address. Where our side is unverified, whoever opened the account may be a
stranger who waits for the owner to come: the sign-in is refused until the owner verified the address or reset
the password, which signs the stranger out. Where Firebase's side is unverified, the address is not taken over
into the new driver, so nobody can occupy a stranger's address through Firebase.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import FIREBASE_PER_ADDRESS, address_key, take_attempt
from app.domain.drivers.errors import AccountDisabledError, AccountNotLinkedError
from app.domain.drivers.families import lock_subject, start_family
from app.domain.drivers.inputs import MAX_NAME, normalise_email, normalise_name
from app.domain.drivers.ports import FirebaseIdentity, IdTokenVerifier
from app.domain.drivers.profile import profile_of
from app.domain.drivers.sign_in import SignedIn
from app.domain.drivers.tables import Driver, DriverIdentity, DriverKind
from app.domain.drivers.tokens import AccessTokens
from app.kit.clock import Clock
from app.kit.errors import InvalidInputError
from app.kit.ids import new_id

PROVIDER = "firebase"


async def firebase_sign_in(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    verifier: IdTokenVerifier,
    tokens: AccessTokens,
    id_token: str,
    client_address: str | None,
    device: str | None = None,
) -> SignedIn:
    """Sign a device in; the first sign-in of a Firebase account links or creates its driver.

    Raises TokenInvalidError, TokenExpiredError, RateLimitedError, AccountNotLinkedError, AccountDisabledError.
    """
    if client_address is not None:
        await _take_attempt(database, tenant_id, clock, client_address)
    identity = await verifier.verify(id_token)

    async def work(uow: UnitOfWork) -> SignedIn:
        driver_id, created = await _find_or_create(uow, identity, clock.now())
        driver = await lock_subject(uow, Driver, driver_id)
        if driver is None or driver.disabled_at is not None:
            raise AccountDisabledError
        pair = await start_family(uow, tokens, driver, device=device, now=clock.now())
        return SignedIn(profile_of(driver), pair, created)

    return await database.transact(tenant_id, work)


async def _take_attempt(database: Database, tenant_id: UUID, clock: Clock, client_address: str) -> None:
    key = address_key(FIREBASE_PER_ADDRESS, client_address)
    async with database.unit_of_work(tenant_id) as uow:
        await take_attempt(uow, FIREBASE_PER_ADDRESS, key, clock.now())


async def _find_or_create(uow: UnitOfWork, identity: FirebaseIdentity, now: datetime) -> tuple[UUID, bool]:
    """Return the identity's driver and whether it is new."""
    # First sign-ins of one Firebase account come one after the other.
    lock = func.hashtextextended(f"{PROVIDER}:{uow.tenant_id}:{identity.subject}", 0)
    await uow.session.execute(select(func.pg_advisory_xact_lock(lock)))
    known = await uow.session.scalar(
        select(DriverIdentity.driver_id).where(
            DriverIdentity.provider == PROVIDER, DriverIdentity.subject == identity.subject
        )
    )
    if known is not None:
        return known, False
    email = _proved_email(identity)
    created_id = await _insert(uow, identity, email, now)
    driver_id = created_id or await _verified_owner(uow, email)
    uow.session.add(DriverIdentity(driver_id=driver_id, provider=PROVIDER, subject=identity.subject))
    await uow.session.flush()
    return driver_id, created_id is not None


def _proved_email(identity: FirebaseIdentity) -> str | None:
    """Return the address Firebase vouches for, None where it does not or we could not send to it."""
    if identity.email is None or not identity.email_verified:
        return None
    try:
        return normalise_email(identity.email)
    except InvalidInputError:
        return None


async def _insert(uow: UnitOfWork, identity: FirebaseIdentity, email: str | None, now: datetime) -> UUID | None:
    """Insert a driver for the identity; None where the address has one already."""
    tenant = await uow.session.get_one(Tenant, uow.tenant_id)
    try:
        name = normalise_name((identity.name or "")[:MAX_NAME])
    except InvalidInputError:
        name = None
    driver_id: UUID | None = await uow.session.scalar(
        insert(Driver)
        .values(
            id=new_id(),
            tenant_id=uow.tenant_id,
            kind=DriverKind.ACCOUNT,
            email=email,
            email_verified_at=now if email is not None else None,
            name=name,
            locale=tenant.locale,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "email"])
        .returning(Driver.id)
    )
    return driver_id


async def _verified_owner(uow: UnitOfWork, email: str | None) -> UUID:
    """Return the driver whose verified address it is. Raises AccountNotLinkedError."""
    found = await uow.session.execute(select(Driver.id, Driver.email_verified_at).where(Driver.email == email))
    driver_id, verified_at = found.one()
    if verified_at is None:
        raise AccountNotLinkedError
    return driver_id
