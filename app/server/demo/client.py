"""A GraphQL client as an app has one: operations over HTTP, subscriptions over graphql-transport-ws.

It knows nothing of the server's code; an answer with errors is raised, never half used.
"""

import json
from collections.abc import AsyncIterator
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.kit.errors import VoltlaneError

_SUBPROTOCOL = Subprotocol("graphql-transport-ws")
_TIMEOUT_S = 30
_OPERATION_ID = "1"
_LANGUAGE = "en"

Data = dict[str, Any]


class ApiError(VoltlaneError):
    """The API answered with errors; the message names the operation and each error's code."""


class RefusedError(ApiError):
    """A mutation answered with `userErrors`; `code` is the first one's."""

    def __init__(self, operation: str, errors: list[Data]) -> None:
        told = "; ".join(f"{error.get('code')}: {error.get('message')}" for error in errors)
        super().__init__(f"{operation} was refused: {told}")
        self.code = str(errors[0].get("code"))


class ApiClient:
    """One user's connection to the API; an async context manager. `token` is sent with every request once it is set."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.token: str | None = None
        self._http = httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def execute(self, document: str, **variables: Any) -> Data:
        """Run a query or mutation and return its data. Raises ApiError."""
        answer = await self._http.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"accept": "application/graphql-response+json", **self._headers},
        )
        return _data(document, answer.json())

    async def mutate(self, document: str, **variables: Any) -> Data:
        """Run a mutation with one field and return that field's payload. Raises RefusedError, ApiError."""
        payload: Data = next(iter((await self.execute(document, **variables)).values()))
        if payload.get("userErrors"):
            raise RefusedError(_name(document), payload["userErrors"])
        return payload

    async def subscribe(self, document: str, **variables: Any) -> AsyncIterator[Data]:
        """Yield what a subscription sends until the server completes it or the caller leaves. Raises ApiError."""
        url = self.base_url.replace("http", "ws", 1) + "/graphql"
        language = {"accept-language": _LANGUAGE}
        async with connect(
            url, subprotocols=[_SUBPROTOCOL], additional_headers=language, compression=None, proxy=None
        ) as socket:
            await _send(socket, "connection_init", payload={"authorization": self._headers.get("authorization")})
            await _expect_ack(socket)
            payload = {"query": document, "variables": variables}
            await _send(socket, "subscribe", id=_OPERATION_ID, payload=payload)
            async for raw in socket:
                message = json.loads(raw)
                if message["type"] == "next":
                    yield _data(document, message["payload"])
                elif message["type"] == "ping":
                    await _send(socket, "pong")
                elif message["type"] == "error":
                    raise ApiError(f"{_name(document)} failed: {_told(message['payload'])}")
                elif message["type"] == "complete":
                    return
        raise ApiError(f"{_name(document)} broke off: {socket.close_code} {socket.close_reason}")

    async def download(self, address: str) -> bytes:
        """Fetch a file the API named, absolute or relative to the server. Raises ApiError."""
        answer = await self._http.get(address, headers=self._headers)
        if not answer.is_success:
            raise ApiError(f"{address} answered {answer.status_code}")
        return answer.content

    @property
    def _headers(self) -> dict[str, str]:
        signed_in = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return {"accept-language": _LANGUAGE, **signed_in}


async def _send(socket: ClientConnection, kind: str, **members: Any) -> None:
    await socket.send(json.dumps({"type": kind, **members}))


async def _expect_ack(socket: ClientConnection) -> None:
    answer = json.loads(await socket.recv())
    if answer["type"] != "connection_ack":
        raise ApiError(f"the server answered connection_init with {answer['type']}")


def _data(document: str, answer: Data) -> Data:
    if answer.get("errors"):
        raise ApiError(f"{_name(document)} failed: {_told(answer['errors'])}")
    data: Data = answer["data"]
    return data


def _told(errors: list[Data]) -> str:
    return "; ".join(f"{error.get('extensions', {}).get('code', 'ERROR')}: {error['message']}" for error in errors)


def _name(document: str) -> str:
    """Return an operation's name: the word after `query`, `mutation` or `subscription`."""
    for line in document.splitlines():
        kind, _, rest = line.strip().partition(" ")
        if kind in ("query", "mutation", "subscription"):
            return rest.partition("(")[0].partition(" ")[0]
    return "the operation"
