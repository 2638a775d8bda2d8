"""`registerDevice` and `unregisterDevice`: where a driver can be reached."""

import strawberry

from bff.access import DriverField
from bff.context import Info
from bff.fields import mutation, payload
from bff.notices.queries import own_devices
from bff.notices.types import Device
from notifications.devices import register_device, unregister_device
from notifications.tables import Platform


@strawberry.input
class RegisterDeviceInput:
    """The push token of the app; `locale` is the language of its messages, by default the request's."""

    token: str
    platform: Platform
    locale: str | None = None
    app_version: str | None = None


@payload()
class RegisterDevicePayload:
    """The device."""

    device: Device | None = None


@strawberry.input
class UnregisterDeviceInput:
    """The push token to forget."""

    token: str


@payload()
class UnregisterDevicePayload:
    """Whether there was such a device."""

    removed: bool = False


@strawberry.type
class DeviceMutations:
    """The mutations."""

    @mutation(DriverField())
    @staticmethod
    async def register_device(info: Info, input: RegisterDeviceInput) -> RegisterDevicePayload:  # noqa: A002
        """Register this installation for the caller; again notes that it was seen."""
        context, services = info.context, info.context.services
        async with services.database.unit_of_work(context.tenant_id) as uow:
            device_id = await register_device(
                uow,
                driver_id=context.driver_id,
                token=input.token,
                platform=input.platform,
                locale=input.locale or context.locale,
                app_version=input.app_version,
                clock=services.clock,
            )
        devices = await own_devices(context)
        return RegisterDevicePayload(device=next((device for device in devices if device.id == device_id), None))

    @mutation(DriverField())
    @staticmethod
    async def unregister_device(info: Info, input: UnregisterDeviceInput) -> UnregisterDevicePayload:  # noqa: A002
        """Forget an installation of the caller's."""
        context = info.context
        async with context.services.database.unit_of_work(context.tenant_id) as uow:
            removed = await unregister_device(uow, driver_id=context.driver_id, token=input.token)
        return UnregisterDevicePayload(removed=removed)
