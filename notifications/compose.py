"""From a typed payload to the push message for one device: words, data for the app, replacement and lifetime."""

from datetime import datetime, timedelta
from uuid import UUID

from notifications.fcm.port import PushMessage
from notifications.messages.payloads import (
    MessageKind,
    Payload,
    PaymentActionRequired,
    ReservationEnded,
    ReservationExpiring,
    kind_of,
)
from notifications.messages.push import render_push

_TOPICS: dict[MessageKind, str] = {
    MessageKind.CHARGING_STARTED: "charging",
    MessageKind.CHARGING_ENDED: "charging",
    MessageKind.STOP_PENDING: "charging",
    MessageKind.PAYMENT_FAILED: "payment",
    MessageKind.PAYMENT_ACTION_REQUIRED: "payment",
    MessageKind.CHARGER_FAULT: "fault",
    MessageKind.RESERVATION_EXPIRING: "reservation",
    MessageKind.RESERVATION_ENDED: "reservation",
}
_LIFETIMES: dict[MessageKind, timedelta] = {
    MessageKind.CHARGING_STARTED: timedelta(hours=1),
    MessageKind.CHARGING_ENDED: timedelta(days=3),
    MessageKind.STOP_PENDING: timedelta(minutes=15),
    MessageKind.PAYMENT_FAILED: timedelta(days=3),
    MessageKind.PAYMENT_ACTION_REQUIRED: timedelta(minutes=5),
    MessageKind.CHARGER_FAULT: timedelta(hours=1),
    MessageKind.RESERVATION_ENDED: timedelta(hours=1),
}


def relevant_until(payload: Payload, created_at: datetime) -> datetime:
    """Return the time after which the message would only mislead, so it is no longer sent or shown."""
    if isinstance(payload, ReservationExpiring):
        return payload.expires_at
    if isinstance(payload, PaymentActionRequired) and payload.confirm_before is not None:
        return payload.confirm_before
    return created_at + _LIFETIMES[kind_of(payload)]


def compose_push(payload: Payload, *, notification_id: UUID, token: str, locale: str, ttl: timedelta) -> PushMessage:
    """Return the message for a device; a later one on the same subject of the same session replaces it."""
    shown = render_push(payload, locale)
    field, subject_id = _subject(payload)
    kind = kind_of(payload)
    return PushMessage(
        token=token,
        title=shown.title,
        body=shown.body,
        data={"kind": kind.value, "notificationId": str(notification_id), field: str(subject_id)},
        collapse_key=f"{_TOPICS[kind]}:{subject_id}",
        ttl=ttl,
    )


def _subject(payload: Payload) -> tuple[str, UUID]:
    """Return the data field that names what the message is about, and its id."""
    if isinstance(payload, ReservationExpiring | ReservationEnded):
        return "reservationId", payload.reservation_id
    return "sessionId", payload.session_id
