"""The API's routes, for the composition root to serve: GraphQL over HTTP and WebSocket, and receipts as PDF."""

from typing import Any

from litestar import Request, Response, WebSocket, get, post, websocket
from litestar.handlers import BaseRouteHandler

from bff.caller import Reception
from bff.http import HttpEndpoint
from bff.limits import MAX_BODY_BYTES
from bff.origins import origin_allowed
from bff.receipts.route import create_receipt_route
from bff.schema import create_schema, schema
from bff.services import Services
from bff.socket import serve_socket

GRAPHQL_PATH = "/graphql"
_WS_POLICY_VIOLATION = 1008


def create_graphql_routes(services: Services) -> list[BaseRouteHandler]:
    """Return the routes. GraphiQL and introspection are for development mode only."""
    served = create_schema(introspection=False) if services.in_production else schema
    reception = Reception(services)
    endpoint = HttpEndpoint(served, reception, ide=not services.in_production)

    @get(GRAPHQL_PATH, include_in_schema=False)
    async def graphql_get(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await endpoint.answer(request)

    @post(GRAPHQL_PATH, status_code=200, request_max_body_size=MAX_BODY_BYTES, include_in_schema=False)
    async def graphql_post(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await endpoint.answer(request)

    @websocket(GRAPHQL_PATH)
    async def graphql_socket(socket: WebSocket[Any, Any, Any]) -> None:
        if not origin_allowed(socket.headers.get("origin"), socket.headers.get("host"), services.allowed_origins):
            await socket.close(code=_WS_POLICY_VIOLATION)
            return
        await serve_socket(served, reception, socket)

    return [graphql_get, graphql_post, graphql_socket, create_receipt_route(services, reception)]
