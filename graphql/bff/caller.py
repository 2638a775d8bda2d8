"""Makes an operation's context from what came with a request: brand, bearer token, language, request id, address.

A token that is not accepted does not fail the request by itself: the fields that need a caller say why it was
refused, so that an app can refresh its token with the same client. A token of one brand is worth nothing in another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.db.tables import Tenant
from app.domain.drivers.errors import TokenInvalidError
from app.domain.principals import Principal
from app.kit.errors import UserError
from app.kit.ids import new_id
from bff.context import Context
from bff.locales import negotiate
from bff.services import Services
from bff.tenants import BRAND_HEADER, TenantDirectory

REQUEST_ID_HEADER = "x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{8,80}")
_MAX_DEVICE = 120


@dataclass(frozen=True)
class Arrival:
    """What a request or a socket brought along. Header names are lower case."""

    headers: Mapping[str, str]
    client_address: str | None
    authorization: str | None = None
    brand: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str], client_address: str | None) -> "Arrival":
        """Take authorization and brand from the headers."""
        return cls(headers, client_address, headers.get("authorization"), headers.get(BRAND_HEADER))

    def with_parameters(self, parameters: Mapping[str, object]) -> "Arrival":
        """Let `connection_init`'s `authorization` and `brand` win over the handshake's headers."""
        authorization, brand = parameters.get("authorization"), parameters.get("brand")
        return replace(
            self,
            authorization=authorization if isinstance(authorization, str) else self.authorization,
            brand=brand if isinstance(brand, str) else self.brand,
        )


class Reception:
    """Turns arrivals into contexts."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._tenants = TenantDirectory(services.database, services.settings.default_tenant)

    async def context(self, arrival: Arrival, *, live: bool = False) -> Context:
        """Return the context of one operation. Raises UnknownBrandError."""
        named = await self._tenants.named(arrival.brand, arrival.headers.get("host", ""))
        principal, error = self._principal(arrival.authorization)
        if principal is not None and named is not None and principal.tenant_id != named.id:
            principal, error = None, TokenInvalidError()
        tenant = named or await self._tenant_of(principal)
        if principal is not None and principal.tenant_id != tenant.id:
            principal, error = None, TokenInvalidError()
        given_id = arrival.headers.get(REQUEST_ID_HEADER, "")
        return Context(
            services=self.services,
            tenant=tenant,
            principal=principal,
            auth_error=error,
            request_id=given_id if _REQUEST_ID.fullmatch(given_id) else str(new_id()),
            locale=negotiate(arrival.headers.get("accept-language"), tenant.locale),
            client_address=arrival.client_address,
            device=arrival.headers.get("user-agent", "")[:_MAX_DEVICE] or None,
            live=live,
        )

    async def _tenant_of(self, principal: Principal | None) -> Tenant:
        found = await self._tenants.by_id(principal.tenant_id) if principal else None
        return found or await self._tenants.default()

    def _principal(self, authorization: str | None) -> tuple[Principal | None, UserError | None]:
        if not authorization:
            return None, None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None, TokenInvalidError()
        try:
            return self.services.tokens.verify(token.strip()), None
        except UserError as error:
            return None, error
