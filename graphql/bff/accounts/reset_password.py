"""`requestPasswordReset` and `resetPassword`: a forgotten password."""

import strawberry

from app.domain.drivers.errors import TokenReusedError, WeakPasswordError
from app.domain.drivers.request_password_reset import request_password_reset
from app.domain.drivers.reset_password import reset_password
from bff.access import PublicField
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class RequestPasswordResetInput:
    """The account's address."""

    email: str


@payload()
class RequestPasswordResetPayload:
    """The same answer whether or not the address has an account."""

    requested: bool = False


@strawberry.input
class ResetPasswordInput:
    """The token of the link and the new password."""

    token: str
    new_password: str


@payload(WeakPasswordError, TokenReusedError)
class ResetPasswordPayload:
    """Whether the password was set; every device is signed out then."""

    reset: bool = False


@strawberry.type
class ResetPassword:
    """The mutations."""

    @mutation(PublicField())
    @staticmethod
    async def request_password_reset(
        info: Info,
        input: RequestPasswordResetInput,  # noqa: A002
    ) -> RequestPasswordResetPayload:
        """Send a link where the address has an account."""
        context, services = info.context, info.context.services
        await request_password_reset(
            services.database,
            context.tenant_id,
            services.clock,
            one_time_keys=services.one_time_keys,
            mailer=services.mailer,
            email=input.email,
            client_address=context.client_address,
        )
        return RequestPasswordResetPayload(requested=True)

    @mutation(PublicField())
    @staticmethod
    async def reset_password(info: Info, input: ResetPasswordInput) -> ResetPasswordPayload:  # noqa: A002
        """Set a new password by the link that was sent."""
        context, services = info.context, info.context.services
        await reset_password(
            services.database,
            context.tenant_id,
            services.clock,
            passwords=services.passwords,
            token=input.token,
            new_password=input.new_password,
        )
        return ResetPasswordPayload(reset=True)
