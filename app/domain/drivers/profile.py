"""A driver's profile: what the app shows of an account, and what its owner may change."""

from dataclasses import dataclass
from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.drivers.families import lock_subject
from app.domain.drivers.inputs import normalise_locale, normalise_name
from app.domain.drivers.tables import Driver, DriverKind
from app.kit.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class DriverProfile:
    """A driver as the app sees one. Guests have no e-mail."""

    id: UUID
    kind: DriverKind
    email: str | None
    email_verified: bool
    has_password: bool
    name: str | None
    locale: str


def profile_of(driver: Driver) -> DriverProfile:
    """Return a driver's profile."""
    return DriverProfile(
        id=driver.id,
        kind=driver.kind,
        email=driver.email,
        email_verified=driver.email_verified_at is not None,
        has_password=driver.password_hash is not None,
        name=driver.name,
        locale=driver.locale,
    )


async def get_profile(database: Database, tenant_id: UUID, driver_id: UUID) -> DriverProfile:
    """Return a driver's profile. Raises NotFoundError."""
    async with database.read(tenant_id) as session:
        driver = await session.get(Driver, driver_id)
    if driver is None:
        raise NotFoundError("There is no such driver.")
    return profile_of(driver)


async def update_profile(
    database: Database,
    tenant_id: UUID,
    driver_id: UUID,
    *,
    name: str | None = None,
    locale: str | None = None,
) -> DriverProfile:
    """Change what is given: an empty name removes it, None leaves it. Raises InvalidInputError, NotFoundError."""
    accepted_name = normalise_name(name)
    accepted_locale = normalise_locale(locale) if locale is not None else None

    async def work(uow: UnitOfWork) -> DriverProfile:
        driver = await lock_subject(uow, Driver, driver_id)
        if driver is None:
            raise NotFoundError("There is no such driver.")
        if name is not None:
            driver.name = accepted_name
        if accepted_locale is not None:
            driver.locale = accepted_locale
        return profile_of(driver)

    return await database.transact(tenant_id, work)
