"""`requestEmailVerification` and `verifyEmail`: proving an address by the link sent to it."""

import strawberry

from app.domain.drivers.errors import TokenReusedError
from app.domain.drivers.request_verification import request_verification
from app.domain.drivers.verify_email import verify_email
from bff.access import DriverField, PublicField
from bff.accounts.types import Driver
from bff.context import Info
from bff.fields import mutation, payload


@payload("NO_EMAIL")
class RequestEmailVerificationPayload:
    """Whether a mail is on its way (or none is needed)."""

    requested: bool = False


@strawberry.input
class VerifyEmailInput:
    """The token of the link."""

    token: str


@payload(TokenReusedError)
class VerifyEmailPayload:
    """The driver whose address is verified now."""

    driver: Driver | None = None


@strawberry.type
class VerifyEmail:
    """The mutations."""

    @mutation(DriverField(account=True))
    @staticmethod
    async def request_email_verification(info: Info) -> RequestEmailVerificationPayload:
        """Send another verification link; a verified address needs none."""
        context, services = info.context, info.context.services
        await request_verification(
            services.database,
            context.tenant_id,
            services.clock,
            one_time_keys=services.one_time_keys,
            mailer=services.mailer,
            driver_id=context.driver_id,
        )
        return RequestEmailVerificationPayload(requested=True)

    @mutation(PublicField())
    @staticmethod
    async def verify_email(info: Info, input: VerifyEmailInput) -> VerifyEmailPayload:  # noqa: A002
        """Mark the address of a link as verified; the link is good once."""
        context, services = info.context, info.context.services
        profile = await verify_email(services.database, context.tenant_id, services.clock, token=input.token)
        return VerifyEmailPayload(driver=Driver.of(profile))
