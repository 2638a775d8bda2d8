"""Delivers events to the webhook endpoint: signed, at least once, retried with growing delays for three days.

Every delivery is a row, so a restart of the double resumes where it stopped. The signature is made at each attempt
with the machine's time, as Stripe does, whatever time the double was advanced to.
"""

import asyncio
import hashlib
import hmac
import json
import random
from sqlite3 import Row

import httpx

from payments.stripe.double.context import DoubleClock
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.store import Store

_RETRY_AFTER_MS = (250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000)
_GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60 * 1000
_IDLE_MS = 200
_BATCH = 16
_CONCURRENCY = 4
_TIMEOUT_S = 10
_MS = 1000


def signature_header(payload: bytes, secret: str, timestamp: int) -> str:
    """Return the `Stripe-Signature` header: HMAC-SHA256 over `<timestamp>.<payload>`."""
    mac = hmac.new(secret.encode(), str(timestamp).encode() + b"." + payload, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


class Deliveries:
    """The queue of webhook deliveries and the task that works it off."""

    def __init__(self, store: Store, clock: DoubleClock) -> None:
        self._store = store
        self._clock = clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        limits = httpx.Limits(max_connections=_CONCURRENCY)
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, limits=limits) as client:
            while True:
                if not await self._deliver_due(client):
                    await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_MS / _MS):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _deliver_due(self, client: httpx.AsyncClient) -> bool:
        if self._store.setting("webhooks_paused") == "1":
            return False
        due = self._store.rows(
            "select deliveries.*, objects.body from deliveries join objects on objects.id = deliveries.event_id"
            " where deliveries.state = 'pending' and due_ms <= ? order by due_ms, deliveries.seq limit ?",
            self._clock.real_ms(),
            _BATCH,
        )
        if self._store.setting("webhooks_in_order") == "1":
            for row in due:
                await self._deliver(client, row)
        else:
            gate = asyncio.Semaphore(_CONCURRENCY)
            await asyncio.gather(*(self._deliver_gated(gate, client, row) for row in due))
        return bool(due)

    async def _deliver_gated(self, gate: asyncio.Semaphore, client: httpx.AsyncClient, row: Row) -> None:
        async with gate:
            await self._deliver(client, row)

    async def _deliver(self, client: httpx.AsyncClient, row: Row) -> None:
        event: JsonObject = json.loads(row["body"])
        # Indented as Stripe's own bodies: whoever parses and re-serialises before verifying fails here too.
        payload = json.dumps(event, indent=2).encode()
        secret = self._store.setting("webhook_secret")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature_header(payload, secret, self._clock.real_ms() // _MS),
        }
        try:
            response = await client.post(self._store.setting("webhook_url"), content=payload, headers=headers)
            delivered, answer = response.is_success, str(response.status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            delivered, answer = False, type(error).__name__
        self._record(row, delivered=delivered, answer=answer)

    def _record(self, row: Row, *, delivered: bool, answer: str) -> None:
        attempts = int(row["attempts"]) + 1
        now = self._clock.real_ms()
        delay = _RETRY_AFTER_MS[min(attempts, len(_RETRY_AFTER_MS)) - 1]
        waited = sum(_RETRY_AFTER_MS[: attempts - 1])
        waited += max(0, attempts - len(_RETRY_AFTER_MS)) * _RETRY_AFTER_MS[-1]
        failed = "failed" if waited > _GIVE_UP_AFTER_MS else "pending"
        state = "delivered" if delivered else failed
        self._store.rows(
            "update deliveries set attempts = ?, state = ?, due_ms = ?, last_answer = ? where seq = ?",
            attempts,
            state,
            now if delivered else now + delay,
            answer,
            row["seq"],
        )

    def release(self, order: str, seed: int) -> int:
        """Deliver everything pending now, one by one in the given order; return how many.

        `order` is `original`, `reversed` or `shuffled` (by `seed`, the same each time).
        """
        rows = self._store.rows("select seq from deliveries where state = 'pending' order by seq")
        pending = [row["seq"] for row in rows]
        if order == "reversed":
            pending.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(pending)  # noqa: S311 - repeatable on purpose
        start = self._clock.real_ms() - len(pending)
        for position, seq in enumerate(pending):
            self._store.rows("update deliveries set due_ms = ? where seq = ?", start + position, seq)
        self._store.set_setting("webhooks_in_order", "1")
        self._store.set_setting("webhooks_paused", "0")
        self.wake()
        return len(pending)
