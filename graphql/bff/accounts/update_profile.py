"""`updateProfile`: name and language."""

import strawberry

from app.domain.drivers.profile import update_profile
from bff.access import DriverField
from bff.accounts.types import Driver
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class UpdateProfileInput:
    """What is to change; null leaves it, an empty name removes it."""

    name: str | None = None
    locale: str | None = None


@payload()
class UpdateProfilePayload:
    """The driver as changed."""

    driver: Driver | None = None


@strawberry.type
class UpdateProfile:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def update_profile(info: Info, input: UpdateProfileInput) -> UpdateProfilePayload:  # noqa: A002
        """Change the caller's profile."""
        context = info.context
        profile = await update_profile(
            context.services.database,
            context.tenant_id,
            context.driver_id,
            name=input.name,
            locale=input.locale,
        )
        return UpdateProfilePayload(driver=Driver.of(profile))
