"""One connection to Stripe: the library's asynchronous client, made at first use, and every call made through it.

The library retries nothing by itself; an unknown outcome reaches the caller as ProcessorUnavailableError and is
repeated with the same key by whoever owns that key. The only wait here is for a key that another call of ours is
using at this moment (HTTP 409), for that call's answer is then replayed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from payments.stripe.translation import CONFLICT, translated
from payments.stripe.transport import http_client
from payments.stripe.views import Json

if TYPE_CHECKING:
    import stripe

_KEY_IN_USE_WAITS_MS = (50, 100, 200, 400, 800, 1600)
_LONGEST_KEY = 255


class StripeConnection:
    """Calls Stripe (or, by `api_base`, the double) for one secret key and one account."""

    def __init__(self, secret_key: str, *, api_base: str | None, connect_account: str | None, timeout_s: int) -> None:
        self._secret_key = secret_key
        self._api_base = api_base
        self._connect_account = connect_account
        self._timeout_s = timeout_s
        self._client: stripe.StripeClient | None = None
        self._http: stripe.HTTPClient | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> "stripe.StripeClient":
        """Return the library's client; imports the library, slow the first time, off the event loop."""
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    self._client = await asyncio.to_thread(self._make)
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close_async()  # type: ignore[no-untyped-call]
        self._client = self._http = None

    async def call(self, operation: "Callable[[stripe.StripeClient], Awaitable[stripe.StripeObject]]") -> Json:
        """Run one call and return the object as plain JSON; raises the errors of `payments.stripe.errors`."""
        client = await self.open()
        import stripe

        for wait_ms in (*_KEY_IN_USE_WAITS_MS, None):
            try:
                found = await operation(client)
            except stripe.StripeError as error:
                if error.http_status == CONFLICT and wait_ms is not None:
                    await asyncio.sleep(wait_ms / 1000)
                    continue
                raise translated(error) from error
            return plain(found)
        raise AssertionError("the last attempt returns or raises")

    async def pages(
        self, operation: "Callable[[stripe.StripeClient], Awaitable[stripe.ListObject[Any]]]"
    ) -> list[Json]:
        """Return the objects of all pages of a list, in Stripe's order (newest first)."""
        client = await self.open()
        import stripe

        try:
            listed = await operation(client)
            return [plain(item) async for item in listed.auto_paging_iter()]
        except stripe.StripeError as error:
            raise translated(error) from error

    def _make(self) -> "stripe.StripeClient":
        import stripe

        # Otherwise the library writes an id file into the home directory and reports timings.
        stripe.enable_telemetry = False
        self._http = http_client(self._api_base, self._timeout_s)
        return stripe.StripeClient(
            self._secret_key,
            stripe_account=self._connect_account,
            base_addresses={"api": self._api_base} if self._api_base else None,
            max_network_retries=0,
            http_client=self._http,
        )


def plain(found: "stripe.StripeObject") -> Json:
    """Return the object as plain JSON."""
    document: dict[str, Any] = found.to_dict()
    return document


def keyed(idempotency_key: str) -> "stripe.RequestOptions":
    """Return request options with the key, which the caller derived from its own ids.

    Raises ValueError for an empty key, for which the library would invent a random one, or one that is too long.
    """
    if not 0 < len(idempotency_key) <= _LONGEST_KEY:
        raise ValueError(f"an idempotency key has 1 to {_LONGEST_KEY} characters")
    return {"idempotency_key": idempotency_key}
