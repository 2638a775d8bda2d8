"""`refreshSession`: the next pair of tokens; for drivers and operators alike."""

import strawberry

from app.domain.drivers.errors import AccountDisabledError, TokenReusedError
from app.domain.drivers.refresh import refresh
from bff.access import PublicField
from bff.accounts.types import AuthTokens
from bff.context import Info
from bff.fields import mutation, payload


@strawberry.input
class RefreshSessionInput:
    """The device's last refresh token."""

    refresh_token: str


@payload(TokenReusedError, AccountDisabledError)
class RefreshSessionPayload:
    """The next pair. TOKEN_REUSED: the token was used before and the device is signed out."""

    tokens: AuthTokens | None = None


@strawberry.type
class RefreshSession:
    """The mutation."""

    @mutation(PublicField())
    @staticmethod
    async def refresh_session(info: Info, input: RefreshSessionInput) -> RefreshSessionPayload:  # noqa: A002
        """Exchange a refresh token for the next pair; asking again at once answers the same pair."""
        context, services = info.context, info.context.services
        pair = await refresh(
            services.database,
            context.tenant_id,
            services.clock,
            tokens=services.tokens,
            refresh_token=input.refresh_token,
        )
        return RefreshSessionPayload(tokens=AuthTokens.of(pair))
