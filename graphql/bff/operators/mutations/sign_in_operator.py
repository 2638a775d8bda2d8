"""`signInOperator`: e-mail and password of an operator. The tokens are refreshed by `refreshSession`."""

import strawberry

from app.domain.drivers.errors import AccountDisabledError, SignInFailedError
from app.domain.operators.sign_in_operator import sign_in_operator
from bff.access import PublicField
from bff.accounts.types import AuthTokens
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.types.operator import Operator


@strawberry.input
class SignInOperatorInput:
    """Credentials; `device` is a label its owner recognises."""

    email: str
    password: str
    device: str | None = None


@payload(SignInFailedError, AccountDisabledError)
class SignInOperatorPayload:
    """The operator and the device's tokens."""

    operator: Operator | None = None
    tokens: AuthTokens | None = None


@strawberry.type
class SignInOperator:
    """The mutation."""

    @mutation(PublicField())
    @staticmethod
    async def sign_in_operator(info: Info, input: SignInOperatorInput) -> SignInOperatorPayload:  # noqa: A002
        """Sign an operator's device in. An unknown address and a wrong password are told the same."""
        context, services = info.context, info.context.services
        signed_in = await sign_in_operator(
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
        return SignInOperatorPayload(operator=Operator.of(signed_in.operator), tokens=AuthTokens.of(signed_in.tokens))
