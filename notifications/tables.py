"""Devices, preferences and the notifications themselves (an outbox: a row before any push)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import TenantRow, state_column


class Platform(StrEnum):
    """Where the app runs."""

    IOS = "IOS"
    ANDROID = "ANDROID"
    WEB = "WEB"


class NotificationState(StrEnum):
    """What became of a notification."""

    PENDING = "PENDING"
    SENT = "SENT"
    SUPPRESSED = "SUPPRESSED"
    FAILED = "FAILED"


class Device(TenantRow):
    """An app installation that can be pushed to."""

    __tablename__ = "devices"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    token: Mapped[str] = mapped_column(String(4096))
    token_hash: Mapped[str] = mapped_column(String(64))
    platform: Mapped[Platform] = state_column(Platform)
    locale: Mapped[str] = mapped_column(String(10))
    app_version: Mapped[str | None] = mapped_column(String(30))
    last_seen_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)


class NotificationPreference(TenantRow):
    """A driver's choice for one kind of notification; without a row it is on."""

    __tablename__ = "notification_preferences"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"))
    kind: Mapped[str] = mapped_column(String(40))
    enabled: Mapped[bool]

    __table_args__ = (UniqueConstraint("driver_id", "kind"),)


class Notification(TenantRow):
    """Something a driver is told, once."""

    __tablename__ = "notifications"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"))
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(String(200))
    state: Mapped[NotificationState] = state_column(NotificationState)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    claimed_until: Mapped[datetime | None]
    """While this lies ahead, one worker is sending it; afterwards that worker is taken for dead."""
    sent_at: Mapped[datetime | None]
    detail: Mapped[dict[str, Any] | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "dedupe_key"),
        Index("ix_notifications_driver_created", "driver_id", "created_at"),
    )


class NotificationDelivery(TenantRow):
    """A notification's way to one device; written once it was handed to the push service."""

    __tablename__ = "notification_deliveries"

    notification_id: Mapped[UUID] = mapped_column(ForeignKey("notifications.id"))
    device_id: Mapped[UUID]
    outcome: Mapped[str] = mapped_column(String(30))
    message_id: Mapped[str | None]

    __table_args__ = (UniqueConstraint("notification_id", "device_id"),)
