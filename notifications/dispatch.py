"""Sends a queued notification to the driver's devices: the `notification.send` job.

Three steps: claim it in a transaction, push outside of any, record in another. Each device gets it once: a device
that has an outcome is never sent to again, and a lease keeps a second worker off while the first one sends. Where a
crash falls between push and record, the message is pushed again under the same collapse key and replaces itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.kit.clock import Clock
from notifications.compose import compose_push, relevant_until
from notifications.fcm.port import DeliveryResult, DeliveryStatus, PushMessage, PushSender
from notifications.messages.payloads import BadPayloadError, MessageKind, Payload, payload_from_json
from notifications.outcome import DeviceResult, finish, look_again, record_results
from notifications.preferences import is_enabled
from notifications.tables import Device, Notification, NotificationDelivery, NotificationState

LEASE = timedelta(minutes=2)
"""Longer than any send can take; a worker that holds a claim longer is taken for dead."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DispatchDeps:
    """What sending needs."""

    database: Database
    push: PushSender
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one worker is about to send; `attempt` tells its claim from a later one."""

    notification_id: UUID
    attempt: int
    relevant_until: datetime
    device_ids: tuple[UUID, ...]
    messages: tuple[PushMessage, ...]


async def send_notification(deps: DispatchDeps, tenant_id: UUID, notification_id: UUID) -> None:
    """Send a notification to the devices that still lack it, and queue another attempt where some must wait.

    Idempotent: a notification that is done, or being sent by another worker, is left alone.
    """
    async with deps.database.unit_of_work(tenant_id) as uow:
        claim = await _claim(uow, notification_id, deps.clock.now())
    if claim is None:
        return
    results = await _push(deps.push, claim.messages)
    devices = [DeviceResult(device_id, result) for device_id, result in zip(claim.device_ids, results, strict=True)]
    now = deps.clock.now()
    async with deps.database.unit_of_work(tenant_id) as uow:
        notification = await _locked(uow, notification_id)
        ours = notification is not None and notification.attempts == claim.attempt
        await record_results(
            uow,
            notification if ours else None,
            notification_id,
            devices,
            now=now,
            relevant_until=claim.relevant_until,
        )


async def _locked(uow: UnitOfWork, notification_id: UUID) -> Notification | None:
    return await uow.session.scalar(select(Notification).where(Notification.id == notification_id).with_for_update())


async def _claim(uow: UnitOfWork, notification_id: UUID, now: datetime) -> _Claim | None:
    """Take the notification for sending, or settle it where there is nothing to send."""
    notification = await _locked(uow, notification_id)
    if notification is None or notification.state is not NotificationState.PENDING:
        return None
    if notification.claimed_until is not None and notification.claimed_until > now:
        # Another worker sends, or died doing so: look again once its lease is over.
        await look_again(uow, notification, notification.claimed_until - now)
        return None
    try:
        payload = payload_from_json(MessageKind(notification.kind), notification.payload)
    except (BadPayloadError, ValueError) as error:
        notification.state = NotificationState.FAILED
        notification.detail = {"reason": "BAD_PAYLOAD", "error": str(error)}
        _log.error("notification_payload_unreadable", notification_id=str(notification_id), error=str(error))
        return None
    return await _claim_devices(uow, notification, payload, now)


async def _claim_devices(uow: UnitOfWork, notification: Notification, payload: Payload, now: datetime) -> _Claim | None:
    until = relevant_until(payload, notification.created_at)
    devices = await _waiting_devices(uow, notification)
    if until <= now:
        await finish(uow, notification, now, reason="EXPIRED")
    elif not await is_enabled(uow.session, notification.driver_id, MessageKind(notification.kind)):
        await finish(uow, notification, now, reason="PREFERENCE")
    elif not devices:
        await finish(uow, notification, now, reason="NO_DEVICE")
    else:
        notification.attempts += 1
        notification.claimed_until = now + LEASE
        messages = tuple(
            compose_push(
                payload,
                notification_id=notification.id,
                token=device.token,
                locale=device.locale,
                ttl=until - now,
            )
            for device in devices
        )
        ids = tuple(device.id for device in devices)
        return _Claim(notification.id, notification.attempts, until, ids, messages)
    return None


async def _waiting_devices(uow: UnitOfWork, notification: Notification) -> Sequence[Device]:
    done = select(NotificationDelivery.device_id).where(NotificationDelivery.notification_id == notification.id)
    devices = await uow.session.scalars(
        select(Device).where(Device.driver_id == notification.driver_id, Device.id.not_in(done)).order_by(Device.id)
    )
    return devices.all()


async def _push(push: PushSender, messages: Sequence[PushMessage]) -> list[DeliveryResult]:
    """Push, and treat a sender that cannot work at all (a bad service account) as an outage."""
    try:
        return await push.send(messages)
    except (OSError, ValueError) as error:
        _log.exception("push_sender_unusable")
        return [DeliveryResult(DeliveryStatus.RETRY, error=f"SENDER: {error}") for _ in messages]
