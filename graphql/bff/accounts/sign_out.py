"""`signOut`: of this device, or of all."""

import strawberry

from app.domain.drivers.sign_out import sign_out
from bff.access import SignedInField
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class SignOutInput:
    """Whether every device is signed out."""

    all_devices: bool = False


@payload()
class SignOutPayload:
    """Whether it was done."""

    signed_out: bool = False


@strawberry.type
class SignOut:
    """The mutation."""

    @mutation(SignedInField())
    @staticmethod
    async def sign_out(info: Info, input: SignOutInput) -> SignOutPayload:  # noqa: A002
        """Revoke the refresh tokens of this device, or of all devices."""
        context, services = info.context, info.context.services
        await sign_out(services.database, services.clock, context.caller, everywhere=input.all_devices)
        return SignOutPayload(signed_out=True)
