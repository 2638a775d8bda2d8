"""Everything the API's resolvers work with, in one object that the composition root makes once.

Resolvers reach it through the context and nothing else: no global, no session, no settings read on the way.
"""

from dataclasses import dataclass

from app.db.live import LiveUpdates
from app.db.uow import Database
from app.domain.charging.deps import Charging
from app.domain.drivers.one_time_tokens import OneTimeKeys
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.ports import AccountMailer, IdTokenVerifier
from app.domain.drivers.tokens import AccessTokens
from app.kit.clock import Clock
from app.kit.settings import Mode, Settings
from payments.deps import PaymentDeps


@dataclass(frozen=True)
class Services:
    """The API's dependencies. `firebase` is None where no Firebase project is configured.

    `allowed_origins` are the browser origins (scheme, host, port) whose pages may open a WebSocket; apps send none.
    """

    settings: Settings
    database: Database
    clock: Clock
    live: LiveUpdates
    charging: Charging
    payments: PaymentDeps
    tokens: AccessTokens
    passwords: Passwords
    one_time_keys: OneTimeKeys
    mailer: AccountMailer
    firebase: IdTokenVerifier | None = None
    allowed_origins: tuple[str, ...] = ()

    @property
    def in_production(self) -> bool:
        """Whether the API explains itself (introspection, GraphiQL) to nobody."""
        return self.settings.mode is Mode.PRODUCTION
