"""A notification's beginning: a row and a job in the transaction of what it tells of.

The dedupe key says what the driver is told ("session:…:ended"); the same thing is told once, however often the
event comes.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.kit.clock import Clock
from app.kit.ids import new_id
from notifications.messages.payloads import MessageKind, Payload, kind_of, payload_from_json, payload_to_json
from notifications.tables import Notification, NotificationState

SEND_JOB = "notification.send"
"""The job's name; its payload is `{"tenant": …, "notification_id": …}`."""


async def queue_notification(
    uow: UnitOfWork, *, driver_id: UUID, payload: Payload, dedupe_key: str, now: datetime
) -> bool:
    """Queue a notification in the unit of work; return False where the dedupe key was used before."""
    notification_id = new_id()
    await uow.session.flush()
    inserted = await uow.session.execute(
        insert(Notification)
        .values(
            id=notification_id,
            driver_id=driver_id,
            kind=kind_of(payload).value,
            payload=payload_to_json(payload),
            dedupe_key=dedupe_key,
            state=NotificationState.PENDING,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "dedupe_key"])
        .returning(Notification.id)
    )
    if inserted.first() is None:
        return False
    await uow.enqueue(
        SEND_JOB, {"notification_id": str(notification_id)}, dedupe_key=f"notification:{notification_id}:0"
    )
    return True


class QueuedNotifier:
    """The domain's `Notifier`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def notify(
        self, uow: UnitOfWork, *, driver_id: UUID, kind: str, payload: dict[str, Any], dedupe_key: str
    ) -> None:
        """Queue one notification in the unit of work; the same dedupe key again does nothing.

        Raises ValueError for an unknown kind and BadPayloadError for values that do not fit it
        (`notifications.messages.payloads` has the fields): the caller's mistake, found before anything is stored.
        """
        typed = payload_from_json(MessageKind(kind), payload)
        await queue_notification(uow, driver_id=driver_id, payload=typed, dedupe_key=dedupe_key, now=self._clock.now())
