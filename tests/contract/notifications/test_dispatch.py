"""From the stored notification to what the push service got, through firebase-admin and the double's process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from app.db.tables import Tenant
from app.db.uow import Database
from app.kit.money import Money
from notifications.dispatch import LEASE, DispatchDeps, send_notification
from notifications.fcm.double.admin import FcmDoubleAdmin
from notifications.fcm.double.errors import Fault
from notifications.fcm.double.process import FcmDoubleProcess
from notifications.fcm.firebase_app import FirebaseTarget
from notifications.fcm.port import DeliveryResult, PushMessage, PushSender
from notifications.fcm.sender import FcmSender
from notifications.messages.payloads import ChargingEnded, MessageKind, ReservationExpiring
from notifications.outcome import MAX_ATTEMPTS
from notifications.preferences import set_preference
from notifications.tables import NotificationState
from tests.contract.notifications.rows import (
    add_device,
    add_driver,
    queue,
    read_jobs,
    read_notification,
    read_outcomes,
    read_tokens,
)
from tests.fakes.clock import FrozenClock

SESSION = UUID(int=5)
ENDED = ChargingEnded(SESSION, "Kassel", 12345, Money(605, "EUR"), "R-1")


@pytest.fixture
async def deps(
    app_db: Database, fcm_double: FcmDoubleProcess, fcm_admin: FcmDoubleAdmin, clock: FrozenClock
) -> AsyncIterator[DispatchDeps]:
    sender = FcmSender(FirebaseTarget(api_base=fcm_double.url), clock)
    yield DispatchDeps(app_db, sender, clock)
    await sender.close()


@pytest.fixture
async def driver_id(app_db: Database, tenant: Tenant) -> UUID:
    return await add_driver(app_db, tenant)


async def due_attempts(database: Database, tenant: Tenant) -> list[tuple[str, int]]:
    """Return the job's dedupe key's last part and its delay, without the first job that the test plays itself."""
    jobs = (await read_jobs(database, tenant))[1:]
    return [(job["dedupe_key"].rpartition(":")[2], job["delay"]) for job in jobs]


async def test_each_device_gets_it_once_in_its_language(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID, fcm_admin: FcmDoubleAdmin
) -> None:
    german = await add_device(app_db, tenant, driver_id, "device-german", deps.clock)
    english = await add_device(app_db, tenant, driver_id, "device-english", deps.clock, locale="en-GB")
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await send_notification(deps, tenant.id, notification_id)
    await send_notification(deps, tenant.id, notification_id)
    [in_german] = await fcm_admin.messages("device-german")
    [in_english] = await fcm_admin.messages("device-english")
    assert in_german["message"]["notification"] == {
        "title": "Ladevorgang beendet",
        "body": "12,35\xa0kWh an Kassel für 6,05\xa0€. Beleg R-1 ist in der App.",
    }
    assert in_english["message"]["notification"]["title"] == "Charging ended"
    assert in_german["message"]["data"] == {
        "kind": "CHARGING_ENDED",
        "notificationId": str(notification_id),
        "sessionId": str(SESSION),
    }
    assert in_german["message"]["android"]["collapse_key"] == f"charging:{SESSION}"
    assert in_german["message"]["android"]["ttl"] == f"{3 * 24 * 3600}s"
    row = await read_notification(app_db, tenant, notification_id)
    assert (row.state, row.attempts, row.sent_at) == (NotificationState.SENT, 1, deps.clock.now())
    assert (row.detail, row.claimed_until) == (None, None)
    assert await read_outcomes(app_db, tenant) == {german: "SENT", english: "SENT"}


async def test_dead_tokens_are_forgotten(deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID) -> None:
    dead = await add_device(app_db, tenant, driver_id, "unregistered-phone", deps.clock)
    alive = await add_device(app_db, tenant, driver_id, "device-alive", deps.clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await send_notification(deps, tenant.id, notification_id)
    assert await read_tokens(app_db, tenant, driver_id) == {"device-alive"}
    assert await read_outcomes(app_db, tenant) == {dead: "TOKEN_DEAD", alive: "SENT"}
    row = await read_notification(app_db, tenant, notification_id)
    assert row.state is NotificationState.SENT
    assert row.detail == {
        "reason": "DELIVERY",
        "errors": {str(dead): "NOT_FOUND: Requested entity was not found."},
    }


async def test_only_dead_tokens_is_a_failure(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID
) -> None:
    await add_device(app_db, tenant, driver_id, "invalid-phone", deps.clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await send_notification(deps, tenant.id, notification_id)
    row = await read_notification(app_db, tenant, notification_id)
    assert row.state is NotificationState.FAILED
    assert await read_tokens(app_db, tenant, driver_id) == set()
    assert await due_attempts(app_db, tenant) == []


async def test_a_passing_fault_is_tried_again_for_that_device_only(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID, fcm_admin: FcmDoubleAdmin
) -> None:
    fine = await add_device(app_db, tenant, driver_id, "device-fine", deps.clock)
    late = await add_device(app_db, tenant, driver_id, "device-late", deps.clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await fcm_admin.inject(Fault.INTERNAL, token="device-late")
    await send_notification(deps, tenant.id, notification_id)
    waiting = await read_notification(app_db, tenant, notification_id)
    assert (waiting.state, waiting.sent_at, waiting.claimed_until) == (NotificationState.PENDING, None, None)
    assert waiting.detail == {
        "reason": "WAITING",
        "errors": {str(late): "INTERNAL: Internal error encountered."},
    }
    assert await read_outcomes(app_db, tenant) == {fine: "SENT"}
    assert await due_attempts(app_db, tenant) == [("1", 10)]
    await send_notification(deps, tenant.id, notification_id)
    done = await read_notification(app_db, tenant, notification_id)
    assert (done.state, done.attempts) == (NotificationState.SENT, 2)
    assert await read_outcomes(app_db, tenant) == {fine: "SENT", late: "SENT"}
    assert [len(await fcm_admin.messages(token)) for token in ("device-fine", "device-late")] == [1, 1]


async def test_the_pause_grows_and_the_service_may_ask_for_more(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID, fcm_admin: FcmDoubleAdmin
) -> None:
    await add_device(app_db, tenant, driver_id, "unavailable-phone", deps.clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await send_notification(deps, tenant.id, notification_id)
    await fcm_admin.inject(Fault.QUOTA_EXCEEDED)
    for _ in range(MAX_ATTEMPTS - 1):
        await send_notification(deps, tenant.id, notification_id)
    assert await due_attempts(app_db, tenant) == [
        ("1", 10), ("2", 60), ("3", 90), ("4", 270), ("5", 810), ("6", 2430), ("7", 3600),
    ]  # fmt: skip
    row = await read_notification(app_db, tenant, notification_id)
    assert (row.state, row.attempts) == (NotificationState.FAILED, MAX_ATTEMPTS)
    assert row.detail is not None
    assert row.detail["reason"] == "GAVE_UP"
    assert await read_tokens(app_db, tenant, driver_id) == {"unavailable-phone"}


async def test_no_attempt_is_made_after_its_time(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID, fcm_admin: FcmDoubleAdmin
) -> None:
    await add_device(app_db, tenant, driver_id, "device-late", deps.clock)
    expires = deps.clock.now() + timedelta(seconds=5)
    payload = ReservationExpiring(SESSION, "Kassel", expires, "Europe/Berlin")
    gives_up = await queue(app_db, tenant, driver_id, payload, deps.clock.now(), key="a")
    await fcm_admin.inject(Fault.UNAVAILABLE)
    await send_notification(deps, tenant.id, gives_up)
    too_late = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now() - timedelta(days=3), key="b")
    await send_notification(deps, tenant.id, too_late)
    rows = [await read_notification(app_db, tenant, row_id) for row_id in (gives_up, too_late)]
    assert [row.state for row in rows] == [NotificationState.FAILED] * 2
    assert [row.detail and row.detail["reason"] for row in rows] == ["GAVE_UP", "EXPIRED"]
    assert await fcm_admin.messages() == []


async def test_switched_off_kinds_and_drivers_without_a_phone_are_left_in_peace(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID, fcm_admin: FcmDoubleAdmin
) -> None:
    nobody = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now(), key="a")
    await send_notification(deps, tenant.id, nobody)
    await add_device(app_db, tenant, driver_id, "device-token-1", deps.clock)
    async with app_db.unit_of_work(tenant.id) as uow:
        await set_preference(uow, driver_id=driver_id, kind=MessageKind.CHARGING_ENDED, enabled=False)
    unwanted = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now(), key="b")
    await send_notification(deps, tenant.id, unwanted)
    rows = [await read_notification(app_db, tenant, row_id) for row_id in (nobody, unwanted)]
    assert [row.state for row in rows] == [NotificationState.SUPPRESSED] * 2
    assert [row.detail for row in rows] == [{"reason": "NO_DEVICE"}, {"reason": "PREFERENCE"}]
    assert await fcm_admin.messages() == []


async def test_other_brands_notifications_are_out_of_reach(
    deps: DispatchDeps,
    app_db: Database,
    tenant: Tenant,
    other_tenant: Tenant,
    driver_id: UUID,
    fcm_admin: FcmDoubleAdmin,
) -> None:
    await add_device(app_db, tenant, driver_id, "device-token-1", deps.clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await send_notification(deps, other_tenant.id, notification_id)
    row = await read_notification(app_db, tenant, notification_id)
    assert (row.state, row.attempts) == (NotificationState.PENDING, 0)
    assert await fcm_admin.messages() == []


async def test_two_workers_at_once_push_once(
    deps: DispatchDeps, app_db: Database, tenant: Tenant, driver_id: UUID, fcm_admin: FcmDoubleAdmin
) -> None:
    await add_device(app_db, tenant, driver_id, "device-token-1", deps.clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, deps.clock.now())
    await asyncio.gather(*(send_notification(deps, tenant.id, notification_id) for _ in range(8)))
    assert len(await fcm_admin.messages()) == 1
    row = await read_notification(app_db, tenant, notification_id)
    assert (row.state, row.attempts) == (NotificationState.SENT, 1)


class KilledAfterSending:
    """A sender whose process dies when the messages are out and nothing is recorded yet."""

    def __init__(self, sender: PushSender) -> None:
        self._sender = sender

    async def send(self, messages: Sequence[PushMessage]) -> list[DeliveryResult]:
        await self._sender.send(messages)
        raise asyncio.CancelledError

    async def close(self) -> None:
        """Nothing of its own to close."""


async def test_a_crash_between_push_and_record_is_healed_by_a_replacing_push(
    deps: DispatchDeps,
    app_db: Database,
    tenant: Tenant,
    driver_id: UUID,
    clock: FrozenClock,
    fcm_admin: FcmDoubleAdmin,
) -> None:
    device = await add_device(app_db, tenant, driver_id, "device-token-1", clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, clock.now())
    dying = DispatchDeps(app_db, KilledAfterSending(deps.push), clock)
    with pytest.raises(asyncio.CancelledError):
        await send_notification(dying, tenant.id, notification_id)
    clock.advance(seconds=30)
    await send_notification(deps, tenant.id, notification_id)
    leased = await read_notification(app_db, tenant, notification_id)
    assert (leased.state, leased.attempts) == (NotificationState.PENDING, 1)
    [first, look] = await read_jobs(app_db, tenant)
    assert (look["payload"], look["dedupe_key"], look["delay"]) == (first["payload"], None, 90)
    assert len(await fcm_admin.messages()) == 1
    clock.advance(seconds=LEASE.total_seconds() - 30)
    await send_notification(deps, tenant.id, notification_id)
    healed = await read_notification(app_db, tenant, notification_id)
    assert (healed.state, healed.attempts) == (NotificationState.SENT, 2)
    assert await read_outcomes(app_db, tenant) == {device: "SENT"}
    tags = [stored["message"]["android"]["notification"]["tag"] for stored in await fcm_admin.messages()]
    assert tags == [f"charging:{SESSION}"] * 2


async def test_a_sender_that_cannot_work_is_an_outage_not_a_loss(
    app_db: Database, tenant: Tenant, driver_id: UUID, clock: FrozenClock
) -> None:
    device = await add_device(app_db, tenant, driver_id, "device-token-1", clock)
    notification_id = await queue(app_db, tenant, driver_id, ENDED, clock.now())
    sender = FcmSender(FirebaseTarget(), clock)
    await send_notification(DispatchDeps(app_db, sender, clock), tenant.id, notification_id)
    await sender.close()
    row = await read_notification(app_db, tenant, notification_id)
    assert row.state is NotificationState.PENDING
    assert row.detail == {
        "reason": "WAITING",
        "errors": {str(device): "SENDER: push needs a service account file or the address of a double"},
    }
    assert await due_attempts(app_db, tenant) == [("1", 10)]
