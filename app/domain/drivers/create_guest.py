"""Guests: drivers without an account who pay for one charge."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.drivers.attempts import GUEST_PER_ADDRESS, address_key, take_attempt
from app.domain.drivers.inputs import normalise_locale
from app.domain.drivers.tables import Driver, DriverKind
from app.domain.drivers.tokens import AccessTokens
from app.kit.clock import Clock
from app.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class GuestToken:
    """A guest and the only token they get."""

    driver_id: UUID
    access_token: str
    expires_at: datetime


async def create_guest(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    *,
    tokens: AccessTokens,
    client_address: str | None,
    locale: str | None = None,
) -> GuestToken:
    """Create a guest; `locale` is the brand's where None. Raises InvalidInputError, RateLimitedError."""
    accepted = normalise_locale(locale) if locale is not None else None

    async def work(uow: UnitOfWork) -> UUID:
        if client_address is not None:
            key = address_key(GUEST_PER_ADDRESS, client_address)
            await take_attempt(uow, GUEST_PER_ADDRESS, key, clock.now())
        tenant = await uow.session.get_one(Tenant, tenant_id)
        guest = Driver(id=new_id(), kind=DriverKind.GUEST, locale=accepted or tenant.locale)
        uow.session.add(guest)
        return guest.id

    driver_id = await database.transact(tenant_id, work)
    token = tokens.issue_guest(tenant_id, driver_id)
    return GuestToken(driver_id, token.value, token.expires_at)
