"""Talks to the double's administrator endpoints: the hand of a test or of the demo on the imitated Stripe."""

from types import TracebackType
from typing import Self

import httpx

from payments.stripe.double.faults import Fault
from payments.stripe.double.json_types import JsonObject

_TIMEOUT_S = 10


class StripeDoubleAdmin:
    """An async context manager over one double; every method raises httpx.HTTPStatusError if refused."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/_double/", timeout=_TIMEOUT_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def intents(self) -> list[JsonObject]:
        """Return every payment intent, newest first."""
        found: list[JsonObject] = (await self._call("GET", "intents"))["intents"]
        return found

    async def refunds(self) -> list[JsonObject]:
        """Return every refund, newest first."""
        found: list[JsonObject] = (await self._call("GET", "refunds"))["refunds"]
        return found

    async def totals(self) -> JsonObject:
        """Return counts by status and sums of money, see `totals.totals`."""
        return await self._call("GET", "totals")

    async def requests(self) -> list[JsonObject]:
        """Return the log of calls, oldest first."""
        found: list[JsonObject] = (await self._call("GET", "requests"))["requests"]
        return found

    async def deliveries(self) -> list[JsonObject]:
        """Return every webhook delivery with its state, oldest first."""
        found: list[JsonObject] = (await self._call("GET", "deliveries"))["deliveries"]
        return found

    async def authenticate(self, intent_id: str, *, succeeded: bool = True) -> JsonObject:
        """Let the driver pass or fail 3-D Secure for a payment or setup intent; return the intent."""
        outcome = "succeeded" if succeeded else "failed"
        return await self._call("POST", f"intents/{intent_id}/authenticate", {"outcome": outcome})

    async def advance_clock(self, seconds: int) -> None:
        """Let time pass for the double; holds expire."""
        await self._call("POST", "clock", {"advance_s": seconds})

    async def inject(self, fault: Fault) -> None:
        """Queue a fault."""
        await self._call("POST", "faults", fault.to_json())

    async def clear_faults(self) -> None:
        """Forget the faults that have not struck."""
        await self._call("DELETE", "faults")

    async def configure_webhooks(self, **settings: str | bool | int) -> None:
        """Set any of `url`, `secret`, `paused`, `duplicates` (how many extra copies of each event)."""
        await self._call("POST", "webhooks", dict(settings))

    async def release_webhooks(self, order: str = "original", seed: int = 0) -> int:
        """Deliver what is pending in an order (`original`, `reversed`, `shuffled`); return how many."""
        released: int = (await self._call("POST", "webhooks/release", {"order": order, "seed": seed}))["released"]
        return released

    async def redeliver(self, event_id: str) -> None:
        """Deliver an event once more."""
        await self._call("POST", "webhooks/redeliver", {"event_id": event_id})

    async def reset(self) -> None:
        """Forget everything but the webhook endpoint."""
        await self._call("POST", "reset")

    async def _call(self, method: str, path: str, document: JsonObject | None = None) -> JsonObject:
        response = await self._client.request(method, path, json=document)
        response.raise_for_status()
        answer: JsonObject = response.json()
        return answer
