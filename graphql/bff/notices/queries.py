"""A driver's own devices and preferences."""

import strawberry

from bff.access import DriverField
from bff.context import Context, Info
from bff.fields import query
from bff.notices.types import Device, NotificationPreference
from notifications.devices import list_devices
from notifications.preferences import list_preferences


@strawberry.type
class NoticeQueries:
    """Queries about the caller's own devices and preferences."""

    @query(DriverField())
    @staticmethod
    async def devices(info: Info) -> list[Device]:
        """Return the caller's app installations, the one seen last first."""
        return await own_devices(info.context)

    @query(DriverField())
    @staticmethod
    async def notification_preferences(info: Info) -> list[NotificationPreference]:
        """Return for every kind of message whether it is pushed."""
        return await own_preferences(info.context)


async def own_devices(context: Context) -> list[Device]:
    """Return the caller's devices."""
    async with context.services.database.read(context.tenant_id) as session:
        return [Device.of(row) for row in await list_devices(session, context.driver_id)]


async def own_preferences(context: Context) -> list[NotificationPreference]:
    """Return the caller's preferences, one for every kind."""
    async with context.services.database.read(context.tenant_id) as session:
        choices = await list_preferences(session, context.driver_id)
    return [NotificationPreference(kind=kind, enabled=enabled) for kind, enabled in choices.items()]
