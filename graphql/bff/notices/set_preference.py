"""`setNotificationPreference`: whether a kind of message is pushed."""

import strawberry

from bff.access import DriverField
from bff.context import Info
from bff.fields import mutation, payload
from bff.notices.queries import own_preferences
from bff.notices.types import NotificationPreference
from notifications.messages.payloads import MessageKind
from notifications.preferences import set_preference


@strawberry.input
class SetNotificationPreferenceInput:
    """Which kind, on or off."""

    kind: MessageKind
    enabled: bool


@payload()
class SetNotificationPreferencePayload:
    """All of the caller's preferences."""

    preferences: list[NotificationPreference] | None = None


@strawberry.type
class SetNotificationPreference:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def set_notification_preference(
        info: Info,
        input: SetNotificationPreferenceInput,  # noqa: A002
    ) -> SetNotificationPreferencePayload:
        """Switch a kind of message on or off for the caller."""
        context = info.context
        async with context.services.database.unit_of_work(context.tenant_id) as uow:
            await set_preference(uow, driver_id=context.driver_id, kind=input.kind, enabled=input.enabled)
        return SetNotificationPreferencePayload(preferences=await own_preferences(context))
