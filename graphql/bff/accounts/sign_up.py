"""`signUp`: opens an account and signs its device in."""

import strawberry

from app.domain.drivers.errors import AccountDisabledError, EmailTakenError, WeakPasswordError
from app.domain.drivers.sign_up import SignUp, sign_up
from bff.access import PublicField
from bff.accounts.types import AuthTokens, Driver
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class SignUpInput:
    """What a new driver gives. `locale` ("de", "en-GB") is the brand's by default."""

    email: str
    password: str
    name: str | None = None
    locale: str | None = None
    device: str | None = None


@payload(EmailTakenError, WeakPasswordError, AccountDisabledError)
class SignUpPayload:
    """The new driver and the device's tokens. A mail with a verification link is on its way."""

    driver: Driver | None = None
    tokens: AuthTokens | None = None


@strawberry.type
class SignUpMutation:
    """The mutation."""

    @mutation(PublicField())
    @staticmethod
    async def sign_up(info: Info, input: SignUpInput) -> SignUpPayload:  # noqa: A002
        """Open an account. For an app that lost the answer: the same e-mail and password again signs in."""
        context, services = info.context, info.context.services
        signed_in = await sign_up(
            services.database,
            context.tenant_id,
            services.clock,
            passwords=services.passwords,
            tokens=services.tokens,
            one_time_keys=services.one_time_keys,
            mailer=services.mailer,
            given=SignUp(input.email, input.password, input.name, input.locale),
            client_address=context.client_address,
            device=input.device or context.device,
        )
        return SignUpPayload(driver=Driver.of(signed_in.driver), tokens=AuthTokens.of(signed_in.tokens))
