"""`createGuest`: charging without an account."""

from datetime import datetime

import strawberry

from app.domain.drivers.create_guest import create_guest
from app.domain.drivers.profile import get_profile
from bff.access import PublicField
from bff.accounts.types import Driver
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class CreateGuestInput:
    """The language of the guest's messages; the brand's by default."""

    locale: str | None = None


@payload()
class CreateGuestPayload:
    """The guest and their only token: keep it until the receipt is there."""

    driver: Driver | None = None
    access_token: str | None = None
    access_expires_at: datetime | None = None


@strawberry.type
class CreateGuest:
    """The mutation."""

    @mutation(PublicField())
    @staticmethod
    async def create_guest(info: Info, input: CreateGuestInput) -> CreateGuestPayload:  # noqa: A002
        """Create a guest who can save a card, charge and read the receipt."""
        context, services = info.context, info.context.services
        guest = await create_guest(
            services.database,
            context.tenant_id,
            services.clock,
            tokens=services.tokens,
            client_address=context.client_address,
            locale=input.locale,
        )
        profile = await get_profile(services.database, context.tenant_id, guest.driver_id)
        return CreateGuestPayload(
            driver=Driver.of(profile), access_token=guest.access_token, access_expires_at=guest.expires_at
        )
