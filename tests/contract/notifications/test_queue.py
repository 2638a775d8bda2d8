"""A notification begins as one row and one job in the caller's transaction, whoever asks and however often."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.ports import Notifier
from app.kit.money import Money
from notifications.messages.payloads import BadPayloadError, ChargingEnded, MessageKind, payload_from_json
from notifications.queue import QueuedNotifier
from notifications.tables import Notification, NotificationState
from tests.contract.notifications.rows import add_driver, read_jobs
from tests.fakes.clock import FrozenClock

SESSION = UUID(int=5)
PAYLOAD: dict[str, Any] = {
    "session_id": SESSION,
    "location_name": "Kassel",
    "energy_wh": 12345,
    "cost": Money(605, "EUR"),
    "receipt_number": "R-1",
}


async def notify(database: Database, tenant: Tenant, driver_id: UUID, clock: FrozenClock) -> None:
    notifier: Notifier = QueuedNotifier(clock)
    async with database.unit_of_work(tenant.id) as uow:
        await notifier.notify(
            uow, driver_id=driver_id, kind="CHARGING_ENDED", payload=PAYLOAD, dedupe_key="session:5:ended"
        )


async def count_rows(database: Database, tenant: Tenant) -> int:
    async with database.read(tenant.id) as session:
        return await session.scalar(select(func.count()).select_from(Notification)) or 0


@pytest.mark.parametrize("role", ["app_db", "bridge_db"])
async def test_one_row_and_one_job_however_often_it_is_asked_for(
    role: str, app_db: Database, bridge_db: Database, tenant: Tenant, clock: FrozenClock
) -> None:
    database = {"app_db": app_db, "bridge_db": bridge_db}[role]
    driver_id = await add_driver(app_db, tenant)
    await notify(database, tenant, driver_id, clock)
    await notify(database, tenant, driver_id, clock)
    async with app_db.read(tenant.id) as session:
        row = (await session.scalars(select(Notification))).one()
    assert (row.driver_id, row.kind, row.dedupe_key) == (driver_id, "CHARGING_ENDED", "session:5:ended")
    assert row.state is NotificationState.PENDING
    assert row.created_at == clock.now()
    assert payload_from_json(MessageKind.CHARGING_ENDED, row.payload) == ChargingEnded(
        SESSION, "Kassel", 12345, Money(605, "EUR"), "R-1"
    )
    assert await read_jobs(app_db, tenant) == [
        {
            "entrypoint": "notification.send",
            "payload": {"tenant": str(tenant.id), "notification_id": str(row.id)},
            "dedupe_key": f"notification:{row.id}:0",
            "delay": 0,
        }
    ]


async def test_a_rolled_back_cause_leaves_nothing(app_db: Database, tenant: Tenant, clock: FrozenClock) -> None:
    driver_id = await add_driver(app_db, tenant)
    with pytest.raises(RuntimeError, match="cause"):
        async with app_db.unit_of_work(tenant.id) as uow:
            await QueuedNotifier(clock).notify(
                uow, driver_id=driver_id, kind="CHARGING_ENDED", payload=PAYLOAD, dedupe_key="k"
            )
            raise RuntimeError("cause")
    assert await count_rows(app_db, tenant) == 0
    assert await read_jobs(app_db, tenant) == []


@pytest.mark.parametrize(
    ("kind", "payload", "error"),
    [
        ("WEATHER", PAYLOAD, ValueError),
        ("CHARGING_ENDED", {"session_id": SESSION}, BadPayloadError),
        ("CHARGING_ENDED", PAYLOAD | {"energy_wh": 1.5}, BadPayloadError),
    ],
)
async def test_what_cannot_be_told_is_the_callers_mistake(
    kind: str,
    payload: dict[str, Any],
    error: type[Exception],
    app_db: Database,
    tenant: Tenant,
    clock: FrozenClock,
) -> None:
    driver_id = await add_driver(app_db, tenant)
    with pytest.raises(error):
        async with app_db.unit_of_work(tenant.id) as uow:
            await QueuedNotifier(clock).notify(uow, driver_id=driver_id, kind=kind, payload=payload, dedupe_key="k")
    assert await count_rows(app_db, tenant) == 0


async def test_brands_have_their_own_keys(
    app_db: Database, tenant: Tenant, other_tenant: Tenant, clock: FrozenClock
) -> None:
    for brand in (tenant, other_tenant):
        await notify(app_db, brand, await add_driver(app_db, brand), clock)
    assert await count_rows(app_db, tenant) == 1
    assert await count_rows(app_db, other_tenant) == 1
