"""A small central system that checks every frame against the `ocpp` package's JSON schemas and remembers it.

It is written without the simulator's or the bridge's code, so that an error there cannot hide here.
"""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from itertools import count
from typing import Any, Literal

import jsonschema_rs
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

OcppVersion = Literal["1.6", "2.0.1"]
Payload = dict[str, Any]
Answer = Payload | Callable[[Payload], Payload] | None

_NOW = "2026-05-04T10:00:00Z"
_ACCEPTED = {
    "1.6": {"idTagInfo": {"status": "Accepted"}},
    "2.0.1": {"idTokenInfo": {"status": "Accepted"}},
}


@cache
def validator(version: str, action: str, *, response: bool) -> jsonschema_rs.Draft4Validator:
    """Return the validator of one payload."""
    suffix = "Response" if response else ("" if version == "1.6" else "Request")
    folder = files("ocpp") / f"v{version.replace('.', '')}" / "schemas"
    return jsonschema_rs.Draft4Validator(
        json.loads((folder / f"{action}{suffix}.json").read_text(encoding="utf-8-sig"))
    )


@dataclass
class Received:
    """A call from a station."""

    connection: int
    id: str
    action: str
    payload: Payload


@dataclass
class FakeCsms:
    """Answers every call sensibly unless `answers` says otherwise; an answer of None leaves the call unanswered."""

    version: OcppVersion
    url: str = ""
    calls: list[Received] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    refuse_with: HTTPStatus | None = None
    interval: int = 300
    _socket: ServerConnection | None = None
    _connections: int = 0
    _transactions: Any = field(default_factory=lambda: count(101))
    _ids: Any = field(default_factory=lambda: count(1))
    _waiting: dict[str, asyncio.Future[list[Any]]] = field(default_factory=dict)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, action: str) -> list[Payload]:
        """Return the payloads of all calls with that action."""
        return [call.payload for call in self.calls if call.action == action]

    async def until(self, condition: Callable[[], object], timeout_s: float = 8) -> None:
        """Wait until a condition on what arrived holds."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()

    async def command(self, action: str, payload: Payload, timeout_s: float = 5) -> Payload:
        """Send a command and return its answer; raises TimeoutError."""
        assert self._socket is not None
        message_id = f"csms-{next(self._ids)}"
        self._check(action, payload, response=False)
        answered = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = answered
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        frame = await asyncio.wait_for(answered, timeout_s)
        assert frame[0] == 3, frame
        result: Payload = frame[2]
        self._check(action, result, response=True)
        return result

    async def send_raw(self, text: str) -> None:
        """Send any text."""
        assert self._socket is not None
        await self._socket.send(text)

    def _check(self, action: str, payload: Payload, *, response: bool) -> None:
        for error in validator(self.version, action, response=response).iter_errors(payload):
            self.violations.append(f"{action}: {error.message} in {payload}")

    async def serve_one(self, socket: ServerConnection) -> None:
        """Serve one connection."""
        self._socket = socket
        self._connections += 1
        number = self._connections
        async for text in socket:
            frame = json.loads(text)
            if frame[0] != 2:
                self._waiting.pop(frame[1]).set_result(frame)
            else:
                await self._answer(socket, Received(number, frame[1], frame[2], frame[3]))
            self._arrived.set()

    async def _answer(self, socket: ServerConnection, call: Received) -> None:
        self._check(call.action, call.payload, response=False)
        self.calls.append(call)
        answer = self.answers[call.action] if call.action in self.answers else self._usual(call)
        if callable(answer):
            answer = answer(call.payload)
        if answer is not None:
            await socket.send(json.dumps([3, call.id, answer]))

    def _usual(self, call: Received) -> Payload:
        match call.action:
            case "BootNotification":
                return {"currentTime": _NOW, "interval": self.interval, "status": "Accepted"}
            case "Heartbeat":
                return {"currentTime": _NOW}
            case "Authorize":
                return _ACCEPTED[self.version]
            case "StartTransaction":
                return _ACCEPTED["1.6"] | {"transactionId": next(self._transactions)}
            case "TransactionEvent":
                return _ACCEPTED["2.0.1"] if "idToken" in call.payload else {}
            case _:
                return {}

    def admit(self, _socket: ServerConnection, request: Request) -> Response | None:
        """Note the credentials and refuse if told to."""
        header = request.headers.get("Authorization", "")
        self.credentials.append(b64decode(header.removeprefix("Basic ")).decode())
        if self.refuse_with is None:
            return None
        return _socket.respond(self.refuse_with, "refused\n")


@asynccontextmanager
async def fake_csms(version: OcppVersion) -> AsyncIterator[FakeCsms]:
    """Run a central system on a free port; on leaving, no frame may have violated its schema."""
    csms = FakeCsms(version)
    subprotocol = Subprotocol("ocpp1.6" if version == "1.6" else "ocpp2.0.1")
    async with serve(
        csms.serve_one, "127.0.0.1", 0, subprotocols=[subprotocol], process_request=csms.admit, close_timeout=1
    ) as server:
        port = server.sockets[0].getsockname()[1]
        csms.url = f"ws://127.0.0.1:{port}/ocpp/default"
        yield csms
    assert csms.violations == []
