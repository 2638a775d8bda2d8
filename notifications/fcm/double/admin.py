"""A client for the double's admin surface: what arrived, and which faults to play next."""

from typing import Any

import httpx

from notifications.fcm.double.errors import Fault


class FcmDoubleAdmin:
    """Looks into the double at a base address."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def messages(self, token: str | None = None) -> list[dict[str, Any]]:
        """Return the accepted messages (`name`, `project`, `message`) in the order they came."""
        async with self._client() as client:
            answer = await client.get("/_double/messages", params={"token": token} if token else {})
        answer.raise_for_status()
        stored: list[dict[str, Any]] = answer.json()
        return stored

    async def inject(self, fault: Fault, *, times: int = 1, token: str | None = None) -> None:
        """Let the next `times` messages, of one token where given, meet a fault."""
        async with self._client() as client:
            answer = await client.post("/_double/faults", json={"fault": fault, "times": times, "token": token})
        answer.raise_for_status()

    async def clear(self) -> None:
        """Forget all messages and faults."""
        async with self._client() as client:
            (await client.delete("/_double/messages")).raise_for_status()

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._url, trust_env=False)
