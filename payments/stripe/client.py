"""The gateway to Stripe: what the rest of Voltlane may ask of the card processor.

All methods are asynchronous; those that change something take an idempotency key derived from our own ids, never a
random one, so that a repetition after a crash meets the first call's outcome. Answers are frozen dataclasses of
ours (`views`), failures the types of `errors`. Never call it inside a database transaction.
"""

from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from payments.stripe.card_operations import CardOperations
from payments.stripe.connection import StripeConnection
from payments.stripe.intent_operations import IntentOperations
from payments.stripe.views import WebhookEvent, event_view

if TYPE_CHECKING:
    import stripe

_TIMEOUT_S = 20


class StripeGateway(CardOperations, IntentOperations):
    """Stripe, or its double, for one secret key and at most one connected account."""

    def __init__(
        self,
        secret_key: str,
        *,
        api_base: str | None = None,
        connect_account: str | None = None,
        timeout_s: int = _TIMEOUT_S,
    ) -> None:
        """`api_base` None is Stripe itself; `connect_account` acts for a partner's account (`acct_…`)."""
        connection = StripeConnection(
            secret_key, api_base=api_base, connect_account=connect_account, timeout_s=timeout_s
        )
        super().__init__(connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def warm_up(self) -> None:
        """Import the library and open the client now rather than in the first driver's request."""
        await self._connection.open()

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def list_events(self, *, created_after: datetime, limit_types: list[str] | None = None) -> list[WebhookEvent]:
        """Return the events created at or after a time, oldest first; Stripe keeps them for 30 days.

        They come from the API itself and need no signature: the way to catch up after an outage.
        """
        params: stripe.params.EventListParams = {"created": {"gte": int(created_after.timestamp())}, "limit": 100}
        if limit_types:
            params["types"] = limit_types
        bodies = await self._connection.pages(lambda client: client.v1.events.list_async(params))
        return [event_view(body) for body in reversed(bodies)]
