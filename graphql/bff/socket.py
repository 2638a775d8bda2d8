"""graphql-transport-ws: queries, mutations and subscriptions over one socket, a context for each operation.

Departures from the stock handler, all towards the protocol: what is no message closes with 4400, a pong carries its
ping's payload, a document that does not parse fails its operation and not the socket. The caller is judged at
`connection_init` (4403 when refused) and the socket ends with the caller's token (4403): the app comes back with a
fresh one and the last sequence number it has. The older `graphql-ws` subprotocol is not served.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from graphql import GraphQLError
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect, WebSocketException
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.types.execution import PreExecutionError
from strawberry.types.unset import UNSET

from app.kit.errors import UserError
from bff.access import require_live
from bff.caller import Arrival, Reception
from bff.context import Context
from bff.errors import present
from bff.limits import MAX_BODY_BYTES, MAX_SOCKET_OPERATIONS
from bff.schema import Schema

AnySocket = WebSocket[Any, Any, Any]
INIT_TIMEOUT = timedelta(seconds=10)
_FORBIDDEN = 4403
_BAD_MESSAGE = 4400
_TOO_BIG = 1009
EXPIRY_CHECK_SECONDS = 5.0


class Connection:
    """What a socket knows: how it arrived, and after `connection_init` for whom it speaks."""

    def __init__(self, reception: Reception, arrival: Arrival) -> None:
        self.reception = reception
        self.arrival = arrival
        self.connection_params: Mapping[str, object] = {}

    async def authenticate(self) -> Context:
        """Judge the caller. Raises ConnectionRejectionError."""
        self.arrival = self.arrival.with_parameters(self.connection_params)
        try:
            context = await self.context()
            if context.auth_error is not None:
                raise context.auth_error
            if context.principal is not None:
                await require_live(context)
        except UserError as error:
            raise ConnectionRejectionError from error
        return context

    async def context(self) -> Context:
        """Return a context for one operation."""
        return await self.reception.context(self.arrival, live=True)


class SocketAdapter:
    """Litestar's socket as the protocol handler uses it."""

    def __init__(self, socket: AnySocket) -> None:
        self._socket = socket
        self._closed = False

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """Yield the messages until the socket ends."""
        with suppress(WebSocketDisconnect):
            while self._socket.connection_state != "disconnect" and not self._closed:
                text = await self._socket.receive_text()
                if not text:
                    raise NonTextMessageReceived
                if len(text) > MAX_BODY_BYTES:
                    await self.close(_TOO_BIG, "Message too big")
                    return
                try:
                    yield json.loads(text)
                except (ValueError, RecursionError) as error:
                    if not ignore_parsing_errors:
                        raise NonJsonMessageReceived from error

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message. Raises WebSocketDisconnected where nobody is there any more."""
        if self._closed:
            raise WebSocketDisconnected
        try:
            await self._socket.send_data(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        except (WebSocketDisconnect, WebSocketException, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """Close once; a reason has at most 123 bytes (RFC 6455 5.5)."""
        if not self._closed:
            self._closed = True
            with suppress(WebSocketDisconnect, WebSocketException, RuntimeError):
                await self._socket.close(code=code, reason=reason.encode()[:123].decode(errors="ignore"))


class TransportHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """One socket."""

    def __init__(self, schema: Schema, socket: SocketAdapter, connection: Connection) -> None:
        super().__init__(
            view=cast("Any", self),  # of the view only `on_ws_connect` is used
            websocket=cast("Any", socket),
            context=connection,
            root_value=None,
            schema=schema,
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=MAX_SOCKET_OPERATIONS,
        )
        self.connection = connection
        self._expiry: asyncio.Task[None] | None = None

    async def on_ws_connect(self, _: Any) -> Any:
        """Judge the caller before the acknowledgement."""
        context = await self.connection.authenticate()
        if context.principal is not None:
            self._expiry = asyncio.create_task(self._end_with_token(context))
        return UNSET

    async def shutdown(self) -> None:
        """Stop everything that runs for this socket."""
        if self._expiry is not None:
            self._expiry.cancel()
            with suppress(asyncio.CancelledError):
                await self._expiry
        await super().shutdown()

    async def handle_message(self, message: Any) -> None:
        """Handle a message; close with 4400 for what is none."""
        if not _is_message(message):
            await self.websocket.close(_BAD_MESSAGE, "Invalid message")
            return
        await super().handle_message(message)

    async def handle_ping(self, message: Any) -> None:
        """Answer with the ping's payload."""
        pong: Any = {"type": "pong", **({"payload": message["payload"]} if "payload" in message else {})}
        await self.send_message(pong)

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Execute one operation in a context of its own and send what it answers."""
        request_id = "-"
        try:
            context = await self.connection.context()
            if context.auth_error is not None:
                await self.websocket.close(_FORBIDDEN, "Forbidden")
                return
            request_id = context.request_id
            await self._stream(operation, context)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except WebSocketDisconnected:
            pass
        except Exception as error:  # whatever it is, no text of it reaches the client
            with suppress(WebSocketDisconnected):
                await self._fail(operation, [GraphQLError("", original_error=error)], request_id)

    async def _stream(self, operation: Operation[Any, None], context: Context) -> None:
        results = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.operation_name,
        )
        first = True
        try:
            async for result in results:
                errors: Any = getattr(result, "errors", None) or []
                data = getattr(result, "data", None)
                if first and data is None and errors and _never_began(result, errors):
                    await self._fail(operation, errors, context.request_id)
                    return
                first = False
                payload: Any = {"data": data}
                if errors:
                    payload["errors"] = present(errors, context.request_id)
                await operation.send_operation_message({"id": operation.id, "type": "next", "payload": payload})
        finally:
            await results.aclose()

    async def _fail(self, operation: Operation[Any, None], errors: list[GraphQLError], request_id: str) -> None:
        shown: Any = present(errors, request_id)
        await operation.send_operation_message({"id": operation.id, "type": "error", "payload": shown})

    async def _end_with_token(self, context: Context) -> None:
        clock, expires_at = context.services.clock, context.caller.expires_at
        while (left := (expires_at - clock.now()).total_seconds()) > 0:  # noqa: ASYNC110  the clock is asked
            await asyncio.sleep(min(left, EXPIRY_CHECK_SECONDS))
        await self.websocket.close(_FORBIDDEN, "Token expired")


def _never_began(result: Any, errors: Sequence[GraphQLError]) -> bool:
    return isinstance(result, PreExecutionError) or all(error.path is None for error in errors)


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] in ("subscribe", "complete") and not isinstance(message.get("id"), str):
        return False
    if message["type"] != "subscribe":
        return True
    payload = message.get("payload")
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )


async def serve_socket(schema: Schema, reception: Reception, socket: AnySocket) -> None:
    """Serve an accepted handshake until the socket ends."""
    offered = socket.scope.get("subprotocols") or []
    if GRAPHQL_TRANSPORT_WS_PROTOCOL not in offered:
        await socket.accept()
        await socket.close(code=4406, reason="Subprotocol not acceptable")
        return
    await socket.accept(subprotocols=GRAPHQL_TRANSPORT_WS_PROTOCOL)
    headers = {name.lower(): value for name, value in socket.headers.items()}
    arrival = Arrival.of(headers, socket.client.host if socket.client else None)
    await TransportHandler(schema, SocketAdapter(socket), Connection(reception, arrival)).handle()
