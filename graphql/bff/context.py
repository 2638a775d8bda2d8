"""What one operation knows: who asks, for which brand, in which language, and how rows are loaded for it.

A context belongs to one operation and is never shared, over HTTP as over a WebSocket. It holds no database
session: sibling fields run concurrently, so loaders and use cases open short sessions of their own.
"""

from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import strawberry

from app.db.tables import Tenant
from app.domain.principals import Principal
from app.kit.errors import NotSignedInError, UserError
from bff.loaders import Loaders
from bff.services import Services


@dataclass
class Context:
    """The context of one operation. `auth_error` says why a token that came was not accepted."""

    services: Services
    tenant: Tenant
    principal: Principal | None
    auth_error: UserError | None
    request_id: str
    locale: str
    client_address: str | None
    device: str | None = None
    live: bool = False
    """Whether the operation may answer more than once (WebSocket): then nothing loaded is kept."""
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.forget_loaded()

    def forget_loaded(self) -> None:
        """Load everything anew from here on: to be called where rows may have changed."""
        self.loaders = Loaders(self.services.database, self.services.clock, self.tenant.id, keep=not self.live)

    @property
    def tenant_id(self) -> UUID:
        """The brand's id."""
        return self.tenant.id

    @property
    def driver_id(self) -> UUID:
        """The signed-in driver or guest; only for fields that `DriverField` guards."""
        return self.caller.subject_id

    @property
    def caller(self) -> Principal:
        """The signed-in caller. Raises NotSignedInError, or what is wrong with the token that came."""
        if self.principal is None:
            raise self.auth_error or NotSignedInError("Please sign in.")
        return self.principal


Info: TypeAlias = strawberry.Info[Context, None]
