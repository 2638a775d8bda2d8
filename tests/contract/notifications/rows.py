"""What the notification tests put into the database and read back from it."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.drivers.tables import Driver, DriverKind
from app.kit.clock import Clock
from notifications.devices import register_device
from notifications.messages.payloads import Payload
from notifications.queue import queue_notification
from notifications.tables import Device, Notification, NotificationDelivery, Platform


async def add_driver(database: Database, tenant: Tenant, email: str = "driver@example.com") -> UUID:
    async with database.unit_of_work(tenant.id) as uow:
        driver = Driver(kind=DriverKind.ACCOUNT, email=email, locale="de")
        uow.session.add(driver)
    return driver.id


async def add_device(
    database: Database, tenant: Tenant, driver_id: UUID, token: str, clock: Clock, *, locale: str = "de-DE"
) -> UUID:
    async with database.unit_of_work(tenant.id) as uow:
        return await register_device(
            uow,
            driver_id=driver_id,
            token=token,
            platform=Platform.ANDROID,
            locale=locale,
            app_version="1.2.3",
            clock=clock,
        )


async def queue(
    database: Database, tenant: Tenant, driver_id: UUID, payload: Payload, now: datetime, *, key: str = "key"
) -> UUID:
    async with database.unit_of_work(tenant.id) as uow:
        await queue_notification(uow, driver_id=driver_id, payload=payload, dedupe_key=key, now=now)
    async with database.read(tenant.id) as session:
        found = await session.scalars(select(Notification.id).where(Notification.dedupe_key == key))
        return found.one()


async def read_notification(database: Database, tenant: Tenant, notification_id: UUID) -> Notification:
    async with database.read(tenant.id) as session:
        return await session.get_one(Notification, notification_id)


async def read_outcomes(database: Database, tenant: Tenant) -> dict[UUID, str]:
    """Return the stored outcome by device."""
    async with database.read(tenant.id) as session:
        rows = await session.execute(select(NotificationDelivery.device_id, NotificationDelivery.outcome))
        return {device_id: outcome for device_id, outcome in rows}  # noqa: C416 - rows are not pairs to `dict`


async def read_tokens(database: Database, tenant: Tenant, driver_id: UUID) -> set[str]:
    async with database.read(tenant.id) as session:
        return set(await session.scalars(select(Device.token).where(Device.driver_id == driver_id)))


async def read_jobs(database: Database, tenant: Tenant) -> list[dict[str, Any]]:
    """Return the waiting jobs, oldest first: entrypoint, payload, dedupe key and seconds until they may run."""
    query = text(
        "select entrypoint, payload, dedupe_key, round(extract(epoch from execute_after - created)) as delay"
        " from pgqueuer order by id"
    )
    async with database.read(tenant.id) as session:
        rows = (await session.execute(query)).mappings().all()
    return [{**row, "payload": json.loads(bytes(row["payload"])), "delay": int(row["delay"])} for row in rows]
