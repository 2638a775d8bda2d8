"""Guests and what a driver may change of an account."""

import pytest
from sqlalchemy import select, update

from app.domain.drivers.create_guest import GuestToken, create_guest
from app.domain.drivers.errors import RateLimitedError, TokenExpiredError
from app.domain.drivers.families import principal_is_live
from app.domain.drivers.profile import get_profile, update_profile
from app.domain.drivers.tables import Driver, DriverKind, RefreshToken
from app.domain.principals import PrincipalKind
from app.kit.errors import InvalidInputError, NotFoundError
from tests.integration.accounts.conftest import ADDRESS, Office


async def _guest(office: Office, locale: str | None = None) -> GuestToken:
    return await create_guest(
        office.database,
        office.tenant_id,
        office.clock,
        tokens=office.tokens,
        client_address=ADDRESS,
        locale=locale,
    )


async def test_a_guest_gets_one_token_without_a_family(office: Office) -> None:
    guest = await _guest(office, "en_GB")
    principal = office.tokens.verify(guest.access_token)
    assert (principal.kind, principal.subject_id, principal.family_id, principal.role) == (
        PrincipalKind.GUEST,
        guest.driver_id,
        None,
        None,
    )
    async with office.database.read(office.tenant_id) as session:
        row = (await session.scalars(select(Driver))).one()
        assert (row.kind, row.email, row.password_hash, row.locale) == (DriverKind.GUEST, None, None, "en-GB")
        assert list(await session.scalars(select(RefreshToken))) == []
        assert await principal_is_live(session, principal, office.clock.now())
    async with office.database.unit_of_work(office.tenant_id) as uow:
        await uow.session.execute(update(Driver).values(disabled_at=office.clock.now()))
    async with office.database.read(office.tenant_id) as session:
        assert not await principal_is_live(session, principal, office.clock.now())
    office.clock.advance(hours=48)
    with pytest.raises(TokenExpiredError):
        office.tokens.verify(guest.access_token)


async def test_guests_are_limited_per_address(office: Office) -> None:
    for _ in range(60):
        await _guest(office)
    with pytest.raises(RateLimitedError):
        await _guest(office)


async def test_a_driver_changes_name_and_locale(office: Office, other_office: Office) -> None:
    driver_id = (await office.sign_up()).driver.id
    changed = await update_profile(office.database, office.tenant_id, driver_id, name=" Ada L. ", locale="en")
    assert (changed.name, changed.locale) == ("Ada L.", "en")
    await update_profile(office.database, office.tenant_id, driver_id, locale="de-AT")
    assert await get_profile(office.database, office.tenant_id, driver_id) == (
        await update_profile(office.database, office.tenant_id, driver_id)
    )
    for bad in ({"name": "x" * 101}, {"name": "a\nb"}, {"locale": "../etc"}):
        with pytest.raises(InvalidInputError):
            await update_profile(office.database, office.tenant_id, driver_id, **bad)
    async with office.database.read(office.tenant_id) as session:
        row = await session.get_one(Driver, driver_id)
    assert (row.name, row.locale) == ("Ada L.", "de-AT")
    await update_profile(office.database, office.tenant_id, driver_id, name="")
    assert (await get_profile(office.database, office.tenant_id, driver_id)).name is None
    with pytest.raises(NotFoundError):
        await get_profile(other_office.database, other_office.tenant_id, driver_id)
    with pytest.raises(NotFoundError):
        await update_profile(other_office.database, other_office.tenant_id, driver_id, name="Eve")
