"""The HTTP client we give the `stripe` library: its own httpx client, except where loopback needs other rules.

A proxy named in the environment must never carry what is meant for this machine, and a double on plain HTTP needs
no certificates.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import stripe

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_loopback(url: str) -> bool:
    """Return whether the URL names this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def http_client(api_base: str | None, timeout_s: int) -> "stripe.HTTPClient":
    """Return an asynchronous client for the library; `api_base` None is Stripe itself."""
    import stripe

    if api_base is None or not is_loopback(api_base):
        return stripe.HTTPXClient(timeout=timeout_s)
    return _loopback_client(timeout_s)


def _loopback_client(timeout_s: int) -> "stripe.HTTPClient":
    import anyio
    import httpx
    import stripe

    class LoopbackClient(stripe.HTTPClient):
        """Talks HTTP to this machine, past any proxy."""

        name = "httpx"

        def __init__(self) -> None:
            super().__init__()  # pyright: ignore[reportUnknownMemberType]
            self._http = httpx.AsyncClient(timeout=timeout_s, trust_env=False)

        async def sleep_async(self, secs: Any) -> None:
            await anyio.sleep(secs)

        async def request_async(
            self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
        ) -> tuple[bytes, int, Mapping[str, str]]:
            try:
                response = await self._http.request(method, url, headers=dict(headers), content=_encoded(post_data))
            except httpx.HTTPError as error:
                _unreachable(error)
            return response.content, response.status_code, response.headers

        async def close_async(self) -> None:
            await self._http.aclose()

    return LoopbackClient()


def _encoded(post_data: Any) -> bytes | None:
    return post_data.encode() if isinstance(post_data, str) else cast("bytes | None", post_data)


def _unreachable(error: Exception) -> NoReturn:
    import stripe

    message = f"cannot reach the processor ({type(error).__name__})"
    raise stripe.APIConnectionError(message) from error  # type: ignore[no-untyped-call]
