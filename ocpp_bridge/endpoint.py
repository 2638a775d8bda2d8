"""The WebSocket endpoint `/ocpp/{tenant}/{identity}`: handshake, then the bridge takes the socket.

A raw ASGI handler, for a refusal must be a plain HTTP answer before the WebSocket is accepted, and identities may
contain an encoded slash, which only the raw path keeps.
"""

from typing import Any

import structlog
from litestar import asgi
from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from ocpp_bridge.admission import Admitted, Refusal
from ocpp_bridge.bridge import Bridge
from ocpp_bridge.handshake import read_handshake
from ocpp_bridge.quiet import quiet_refusals

_log = structlog.get_logger(__name__)
_RETRY_LATER = ((b"retry-after", b"5"),)


class AsgiSocket:
    """An accepted ASGI WebSocket."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closed = False

    async def receive(self) -> str | None:
        """Return the next message; binary ones are read as text. None when closed."""
        message: Any = await self._receive()
        if message["type"] != "websocket.receive":
            self._closed = True
            return None
        text = message.get("text")
        if text is not None:
            return str(text)
        return bytes(message.get("bytes") or b"").decode("utf-8", errors="replace")

    async def send(self, text: str) -> None:
        """Send a text message. Raises OSError where the socket is gone."""
        if self._closed:
            raise ConnectionResetError("the socket is closed")
        try:
            await self._send({"type": "websocket.send", "text": text, "bytes": None})
        except OSError:
            self._closed = True
            raise
        except Exception as error:  # each server has its own error for a client that has gone
            self._closed = True
            raise ConnectionResetError(str(error)) from error

    async def close(self, code: int, reason: str) -> None:
        """Close; never raises."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:
            _log.debug("ocpp.close_failed", why=str(error)[:100])


def create_ocpp_route(bridge: Bridge) -> ASGIRouteHandler:
    """Return the Litestar handler that serves chargers through `bridge`."""
    quiet_refusals()

    @asgi("/ocpp", is_mount=True, copy_scope=True)
    async def ocpp(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.WEBSOCKET:
            await _answer_http(send)
            return
        await receive()  # websocket.connect
        decision = await _decide(bridge, scope)
        if isinstance(decision, Refusal):
            await _refuse(send, decision)
            return
        accept: Any = {"type": "websocket.accept", "subprotocol": decision.subprotocol, "headers": []}
        await send(accept)
        await bridge.serve(decision.station, decision.version, AsgiSocket(receive, send))

    return ocpp


async def _decide(bridge: Bridge, scope: Any) -> Admitted | Refusal:
    if bridge.draining:
        return Refusal(503, "shutting down", _RETRY_LATER)
    handshake = read_handshake(scope)
    if handshake is None:
        return Refusal(404, "the path is /ocpp/{tenant}/{identity}")
    try:
        return await bridge.admission.decide(handshake)
    except Exception:
        _log.exception("ocpp.admission_failed", charger=handshake.identity)
        return Refusal(503, "not available", _RETRY_LATER)


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = refusal.reason.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *refusal.headers,
    ]
    start: Any = {"type": "websocket.http.response.start", "status": refusal.status, "headers": headers}
    await send(start)
    rest: Any = {"type": "websocket.http.response.body", "body": body, "more_body": False}
    await send(rest)


async def _answer_http(send: Send) -> None:
    """Tell a plain HTTP client that this is a WebSocket endpoint (RFC 9110 §15.5.22)."""
    start: Any = {
        "type": "http.response.start",
        "status": 426,
        "headers": [(b"upgrade", b"websocket"), (b"connection", b"upgrade"), (b"content-length", b"0")],
    }
    await send(start)
    rest: Any = {"type": "http.response.body", "body": b"", "more_body": False}
    await send(rest)
