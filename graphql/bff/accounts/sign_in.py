"""`signIn`: e-mail and password."""

import strawberry

from app.domain.drivers.errors import AccountDisabledError, SignInFailedError
from app.domain.drivers.sign_in import sign_in
from bff.access import PublicField
from bff.accounts.types import AuthTokens, Driver
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class SignInInput:
    """Credentials; `device` is a label its owner recognises."""

    email: str
    password: str
    device: str | None = None


@payload(SignInFailedError, AccountDisabledError)
class SignInPayload:
    """The driver and the device's tokens."""

    driver: Driver | None = None
    tokens: AuthTokens | None = None


@strawberry.type
class SignInMutation:
    """The mutation."""

    @mutation(PublicField())
    @staticmethod
    async def sign_in(info: Info, input: SignInInput) -> SignInPayload:  # noqa: A002
        """Sign a device in. An unknown address and a wrong password are told the same."""
        context, services = info.context, info.context.services
        signed_in = await sign_in(
            services.database,
            context.tenant_id,
            services.clock,
            passwords=services.passwords,
            tokens=services.tokens,
            email=input.email,
            password=input.password,
            client_address=context.client_address,
            device=input.device or context.device,
        )
        return SignInPayload(driver=Driver.of(signed_in.driver), tokens=AuthTokens.of(signed_in.tokens))
