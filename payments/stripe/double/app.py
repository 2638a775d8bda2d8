"""The double as an ASGI application: reads a request, checks its key, hands it on, writes the answer.

Plain ASGI, because Stripe's form-encoded, bracketed parameters and dropped connections are what it is about.
"""

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from payments.stripe.double.admin import Admin
from payments.stripe.double.context import ApiRequest
from payments.stripe.double.deliveries import Deliveries
from payments.stripe.double.errors import StripeApiError, api_error
from payments.stripe.double.service import Answer, ConnectionDroppedError, StripeDouble

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_log = logging.getLogger(__name__)

_ADMIN = "/_double/"
_INTERNAL_ERROR = 500
_MAX_BODY = 1 << 20
_SECRET_KEYS = ("sk_test_", "rk_test_")
_PUBLISHABLE_KEY = "pk_test_"


class DoubleApp:
    """The ASGI application."""

    def __init__(self, double: StripeDouble, deliveries: Deliveries) -> None:
        self._double = double
        self._deliveries = deliveries
        self._admin = Admin(double, deliveries)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        method, path = scope["method"], scope["path"]
        if path.startswith(_ADMIN):
            status, document = self._admin.call(method, path.removeprefix(_ADMIN), body)
            await _write(send, Answer(status, document))
            return
        try:
            answer = await self._double.call(_request(scope, body))
        except StripeApiError as error:
            answer = Answer(error.status, error.body())
        except ConnectionDroppedError:
            await _drop(send)
            return
        except Exception:
            _log.exception("the double failed at %s %s", method, path)
            answer = Answer(_INTERNAL_ERROR, api_error().body())
        finally:
            self._deliveries.wake()
        await _write(send, answer)


def _request(scope: Scope, body: bytes) -> ApiRequest:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    pairs = (query, body.decode()) if scope["method"] != "GET" else (query,)
    params = tuple(pair for text in pairs for pair in parse_qsl(text, keep_blank_values=True))
    key = _api_key(headers.get("authorization", "")) or dict(params).get("key", "")
    publishable = key.startswith(_PUBLISHABLE_KEY)
    if not publishable and not key.startswith(_SECRET_KEYS):
        raise StripeApiError(
            401,
            "invalid_request_error",
            f"Invalid API Key provided: {key[:8]}***" if key else "You did not provide an API key.",
        )
    return ApiRequest(
        method=scope["method"],
        path=scope["path"],
        account=headers.get("stripe-account", ""),
        raw_params=params,
        api_version=headers.get("stripe-version"),
        idempotency_key=headers.get("idempotency-key") if scope["method"] == "POST" else None,
        publishable=publishable,
    )


def _api_key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode("latin-1").partition(":")[0]
        except ValueError:
            return ""
    return value


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > _MAX_BODY:
            return bytes(body)


async def _write(send: Send, answer: Answer) -> None:
    payload = json.dumps(answer.body, indent=2).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(payload)), **answer.headers}
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": payload})


async def _drop(send: Send) -> None:
    # Promise a body and never send it: the server closes the connection and the caller sees a broken answer.
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1024")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
