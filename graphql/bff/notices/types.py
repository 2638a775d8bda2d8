"""A driver's app installations and what is pushed to them."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from notifications.messages.payloads import MessageKind
from notifications.tables import Device as DeviceRow
from notifications.tables import Platform


@strawberry.type
class Device(relay.Node):
    """An app installation that messages are pushed to. Its token is never shown."""

    id: relay.NodeID[UUID]
    platform: Platform
    locale: str
    app_version: str | None
    last_seen_at: datetime

    @classmethod
    def of(cls, row: DeviceRow) -> "Device":
        """Return a device that was checked to be the caller's own."""
        return cls(
            id=row.id,
            platform=row.platform,
            locale=row.locale,
            app_version=row.app_version,
            last_seen_at=row.last_seen_at,
        )


@strawberry.type
class NotificationPreference:
    """Whether a kind of message is pushed."""

    kind: MessageKind
    enabled: bool
