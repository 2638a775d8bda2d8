"""Installations and preferences as they are stored, and whose they are."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.db.tables import Tenant
from app.db.uow import Database
from app.kit.errors import InvalidInputError
from notifications.devices import MAX_DEVICES, list_devices, register_device, unregister_device
from notifications.messages.payloads import MessageKind
from notifications.preferences import list_preferences, set_preference
from notifications.tables import Device, NotificationPreference, Platform
from tests.contract.notifications.rows import add_device, add_driver, read_tokens
from tests.fakes.clock import FrozenClock


async def test_registering_again_refreshes_the_same_row(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    driver_id = await add_driver(app_db, tenant)
    first = await add_device(app_db, tenant, driver_id, "device-token-1", clock, locale="de_DE")
    seen = clock.advance(days=1)
    async with app_db.unit_of_work(tenant.id) as uow:
        again = await register_device(
            uow,
            driver_id=driver_id,
            token="device-token-1",
            platform=Platform.IOS,
            locale="zh-Hans-CN",
            app_version=None,
            clock=clock,
        )
    async with app_db.read(tenant.id) as session:
        [device] = (await session.scalars(select(Device))).all()
    assert first == again == device.id
    assert (device.token, device.platform, device.locale) == ("device-token-1", Platform.IOS, "zh-CN")
    assert (device.app_version, device.last_seen_at) == (None, seen)


async def test_who_signs_in_last_gets_the_messages(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    before = await add_driver(app_db, tenant, "before@example.com")
    after = await add_driver(app_db, tenant, "after@example.com")
    await add_device(app_db, tenant, before, "shared-phone", clock)
    await add_device(app_db, tenant, after, "shared-phone", clock)
    assert await read_tokens(app_db, tenant, before) == set()
    assert await read_tokens(app_db, tenant, after) == {"shared-phone"}


async def test_only_the_drivers_own_device_is_unregistered(
    app_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    owner = await add_driver(app_db, tenant, "owner@example.com")
    other = await add_driver(app_db, tenant, "other@example.com")
    await add_device(app_db, tenant, owner, "device-token-1", clock)
    outcomes = []
    for driver_id in (other, owner, owner):
        async with app_db.unit_of_work(tenant.id) as uow:
            outcomes.append(await unregister_device(uow, driver_id=driver_id, token="device-token-1"))
    assert outcomes == [False, True, False]
    assert await read_tokens(app_db, tenant, owner) == set()


async def test_one_token_under_two_brands_is_two_devices(
    app_db: Database, tenant: Tenant, other_tenant: Tenant, clock: FrozenClock
) -> None:
    for brand in (tenant, other_tenant):
        driver_id = await add_driver(app_db, brand)
        await add_device(app_db, brand, driver_id, "device-token-1", clock)
        assert await read_tokens(app_db, brand, driver_id) == {"device-token-1"}


async def test_devices_longest_unseen_make_room(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    driver_id = await add_driver(app_db, tenant)
    for number in range(MAX_DEVICES + 2):
        await add_device(app_db, tenant, driver_id, f"device-token-{number}", clock)
        clock.advance(minutes=1)
    async with app_db.read(tenant.id) as session:
        tokens = [device.token for device in await list_devices(session, driver_id)]
    assert tokens == [f"device-token-{number}" for number in range(MAX_DEVICES + 1, 1, -1)]


@pytest.mark.parametrize("token", ["", "short", "with a space", "x" * 4097, "tab\ttab-tab"])
async def test_bad_tokens_are_refused(token: str, app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    driver_id = await add_driver(app_db, tenant)
    with pytest.raises(InvalidInputError) as refused:
        await add_device(app_db, tenant, driver_id, token, clock)
    assert refused.value.field == "token"
    assert await read_tokens(app_db, tenant, driver_id) == set()


async def test_preferences_default_to_on_and_are_kept(app_db: Database, tenant: Tenant) -> None:
    driver_id = await add_driver(app_db, tenant)
    for enabled in (True, False):
        async with app_db.unit_of_work(tenant.id) as uow:
            await set_preference(uow, driver_id=driver_id, kind=MessageKind.CHARGING_STARTED, enabled=enabled)
    async with app_db.read(tenant.id) as session:
        stored = (await session.scalars(select(NotificationPreference))).all()
        listed = await list_preferences(session, driver_id)
        others = await list_preferences(session, UUID(int=1))
    assert [(row.driver_id, row.kind, row.enabled) for row in stored] == [(driver_id, "CHARGING_STARTED", False)]
    assert listed == {kind: kind is not MessageKind.CHARGING_STARTED for kind in MessageKind}
    assert others == dict.fromkeys(MessageKind, True)
