"""The pages behind mailed links: opening one changes nothing, its button does, and rubbish is escaped."""

from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.drivers.one_time_tokens import OneTimeKeys, issue_one_time_token
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.tables import Driver, DriverKind, TokenPurpose
from app.server.account_pages import AccountPages, create_account_pages
from tests.fakes.clock import FrozenClock

_KEYS = OneTimeKeys("x" * 40)


@pytest.fixture
async def client(app_db: Database, tenant: Tenant, clock: FrozenClock) -> AsyncIterator[httpx.AsyncClient]:
    pages = AccountPages(app_db, clock, Passwords(), "default")
    app = Litestar(create_account_pages(pages), openapi_config=None)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar types its messages more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://voltlane.test") as client:
        yield client


async def _driver_with_link(
    database: Database, tenant: Tenant, clock: FrozenClock, purpose: TokenPurpose
) -> tuple[Driver, str]:
    async with database.unit_of_work(tenant.id) as uow:
        driver = Driver(kind=DriverKind.ACCOUNT, email="anna@example.org")
        uow.session.add(driver)
        await uow.session.flush()
        token = await issue_one_time_token(uow, _KEYS, driver, purpose, clock.now())
        assert token is not None
        return driver, _KEYS.raw(token)


async def _stored(database: Database, tenant: Tenant, driver: Driver) -> Driver:
    async with database.read(tenant.id) as session:
        return await session.get_one(Driver, driver.id)


async def test_opening_a_link_changes_nothing_and_its_button_confirms_the_address(
    client: httpx.AsyncClient, app_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    driver, raw = await _driver_with_link(app_db, tenant, clock, TokenPurpose.VERIFY_EMAIL)
    page = await client.get("/verify-email", params={"token": raw, "brand": "default"})
    assert raw in page.text
    assert (await _stored(app_db, tenant, driver)).email_verified_at is None
    done = await client.post("/verify-email", data={"token": raw, "brand": "default"})
    assert done.status_code == 200
    assert (await _stored(app_db, tenant, driver)).email_verified_at == clock.now()
    again = await client.post("/verify-email", data={"token": raw, "brand": "default"})
    assert again.status_code == 400


async def test_a_weak_password_keeps_the_link_usable(
    client: httpx.AsyncClient, app_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    driver, raw = await _driver_with_link(app_db, tenant, clock, TokenPurpose.RESET_PASSWORD)
    weak = await client.post("/reset-password", data={"token": raw, "password": "short"})
    assert weak.status_code == 400
    assert raw in weak.text
    assert (await _stored(app_db, tenant, driver)).password_hash is None
    done = await client.post("/reset-password", data={"token": raw, "password": "correct horse battery"})
    assert done.status_code == 200
    assert ((await _stored(app_db, tenant, driver)).password_hash or "").startswith("$argon2id$")


async def test_rubbish_in_the_address_is_escaped(client: httpx.AsyncClient) -> None:
    page = await client.get("/verify-email", params={"token": '"><script>alert(1)</script>', "brand": "<b>"})
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "<b>" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_an_unknown_link_or_brand_is_told(client: httpx.AsyncClient) -> None:
    unknown_brand = await client.post("/verify-email", data={"token": "no", "brand": "nobody"})
    unknown_link = await client.post("/reset-password", data={"token": "no", "password": "long enough 1"})
    assert (unknown_brand.status_code, unknown_link.status_code) == (400, 400)
