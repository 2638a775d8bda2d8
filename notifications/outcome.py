"""What a round of sending leaves behind: outcomes by device, dead devices removed, the next attempt or the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from notifications.fcm.port import DeliveryResult, DeliveryStatus
from notifications.queue import SEND_JOB
from notifications.tables import Device, Notification, NotificationDelivery, NotificationState

MAX_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)
_SUPPRESSING = frozenset({"PREFERENCE", "NO_DEVICE"})


@dataclass(frozen=True, slots=True)
class DeviceResult:
    """What became of the message to one device."""

    device_id: UUID
    result: DeliveryResult


async def record_results(
    uow: UnitOfWork,
    notification: Notification | None,
    notification_id: UUID,
    devices: Sequence[DeviceResult],
    *,
    now: datetime,
    relevant_until: datetime,
) -> None:
    """Store each device's outcome and settle the notification, or queue another attempt.

    `notification` is the locked row, None where another worker has taken over: then its state is that one's matter.
    """
    await _store_outcomes(uow, notification_id, devices)
    if notification is None:
        return
    notification.claimed_until = None
    waiting = [device.result for device in devices if device.result.status is DeliveryStatus.RETRY]
    errors = {str(device.device_id): device.result.error for device in devices if device.result.error}
    if not waiting:
        await finish(uow, notification, now, reason="DELIVERY", errors=errors)
        return
    pause = pause_after(notification.attempts, waiting)
    if notification.attempts >= MAX_ATTEMPTS or now + pause >= relevant_until:
        await finish(uow, notification, now, reason="GAVE_UP", errors=errors)
        return
    notification.detail = {"reason": "WAITING", "errors": errors}
    await send_again(uow, notification, pause)


async def finish(
    uow: UnitOfWork,
    notification: Notification,
    now: datetime,
    *,
    reason: str,
    errors: Mapping[str, str] | None = None,
) -> None:
    """End a notification: SENT if any device has it, else by the reason SUPPRESSED or FAILED."""
    notification.claimed_until = None
    detail: dict[str, Any] = {"reason": reason} | ({"errors": dict(errors)} if errors else {})
    notification.detail = None if reason == "DELIVERY" and not errors else detail
    sent = select(
        exists().where(
            NotificationDelivery.notification_id == notification.id,
            NotificationDelivery.outcome == DeliveryStatus.SENT.value,
        )
    )
    if await uow.session.scalar(sent):
        notification.state = NotificationState.SENT
        notification.sent_at = now
    elif reason in _SUPPRESSING:
        notification.state = NotificationState.SUPPRESSED
    else:
        notification.state = NotificationState.FAILED


async def send_again(uow: UnitOfWork, notification: Notification, pause: timedelta) -> None:
    """Queue the next attempt. The job that runs now holds its own dedupe key, so the next has another."""
    await uow.enqueue(
        SEND_JOB,
        {"notification_id": str(notification.id)},
        dedupe_key=f"notification:{notification.id}:{notification.attempts}",
        delay=pause,
    )


async def look_again(uow: UnitOfWork, notification: Notification, pause: timedelta) -> None:
    """Queue a look at a notification that another worker holds.

    Without a dedupe key: the running job may hold the very key of this attempt, and must not lose its successor.
    """
    await uow.enqueue(SEND_JOB, {"notification_id": str(notification.id)}, delay=pause)


def pause_after(attempts: int, waiting: Sequence[DeliveryResult]) -> timedelta:
    """Return the pause before the next attempt: 10 s, 30 s, 90 s … up to an hour, or longer where FCM asks so."""
    tripled: int = 3 ** (attempts - 1)
    pause = min(_FIRST_PAUSE * tripled, _LONGEST_PAUSE)
    asked = [result.retry_after for result in waiting if result.retry_after is not None]
    return max([pause, *asked])


async def _store_outcomes(uow: UnitOfWork, notification_id: UUID, devices: Sequence[DeviceResult]) -> None:
    final = [device for device in devices if device.result.status is not DeliveryStatus.RETRY]
    if not final:
        return
    rows = [
        {
            "notification_id": notification_id,
            "device_id": device.device_id,
            "outcome": device.result.status.value,
            "message_id": device.result.message_id,
        }
        for device in final
    ]
    await uow.session.execute(
        insert(NotificationDelivery).on_conflict_do_nothing(index_elements=["notification_id", "device_id"]),
        rows,
    )
    dead = [device.device_id for device in final if device.result.status is DeliveryStatus.TOKEN_DEAD]
    if dead:
        await uow.session.execute(delete(Device).where(Device.id.in_(dead)))
