"""A charger written from the OCPP-J specification with a bare WebSocket client: JSON arrays by hand, nothing checked.

It shares no code with the bridge or the simulator, so that an error made twice in the same way cannot hide. Calls of
the central system are answered by `answers`, looked up by action, and kept in `calls`.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Payload = dict[str, Any]
Answer = Payload | Callable[[Payload], Payload]
SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}
_WAIT_S = 20


class CallRefusedError(Exception):
    """The central system answered with a CALLERROR: code, description, details."""


class RawCharger:
    """One open socket of a charger."""

    def __init__(self, socket: ClientConnection, answers: dict[str, Answer]) -> None:
        self.socket = socket
        self.answers = answers
        self.calls: list[tuple[str, Payload]] = []
        self.stray: list[Any] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._arrived = asyncio.Condition()

    async def call(self, action: str, payload: Payload, message_id: str | None = None) -> Payload:
        """Send a CALL and return the CALLRESULT's payload. Raises CallRefusedError."""
        message_id = message_id or str(uuid4())
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = answer
        await self.socket.send(json.dumps([2, message_id, action, payload]))
        frame = await asyncio.wait_for(answer, _WAIT_S)
        if frame[0] == 4:
            raise CallRefusedError(*frame[2:])
        result: Payload = frame[2]
        return result

    async def called(self, action: str) -> Payload:
        """Wait for a CALL of the central system that was not taken yet; return its payload."""

        def there() -> bool:
            return any(name == action for name, _ in self.calls)

        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(there), _WAIT_S)
        index = next(i for i, (name, _) in enumerate(self.calls) if name == action)
        return self.calls.pop(index)[1]

    async def read(self) -> None:
        """Answer what arrives until the socket ends."""
        try:
            async for raw in self.socket:
                await self._take(json.loads(raw))
        except ConnectionClosed:
            return

    async def _take(self, frame: Any) -> None:
        if frame[0] == 2:
            _, message_id, action, payload = frame
            async with self._arrived:
                self.calls.append((action, payload))
                self._arrived.notify_all()
            answer = self.answers.get(action)
            if answer is None:
                await self.socket.send(json.dumps([4, message_id, "NotImplemented", "", {}]))
            else:
                told = answer(payload) if callable(answer) else answer
                await self.socket.send(json.dumps([3, message_id, told]))
            return
        waiting = self._waiting.pop(frame[1], None)
        if waiting is None:
            self.stray.append(frame)
        elif not waiting.done():
            waiting.set_result(frame)


@asynccontextmanager
async def raw_charger(
    url: str, password: str, version: str, answers: dict[str, Answer] | None = None
) -> AsyncIterator[RawCharger]:
    """Connect as `add-charger` says: the URL with the identity, Basic auth with the identity as user."""
    identity = url.rsplit("/", 1)[-1]
    basic = base64.b64encode(f"{identity}:{password}".encode()).decode()
    async with connect(
        url,
        subprotocols=[Subprotocol(SUBPROTOCOLS[version])],
        additional_headers={"Authorization": f"Basic {basic}"},
        compression=None,
        proxy=None,
    ) as socket:
        charger = RawCharger(socket, answers or {})
        reader = asyncio.create_task(charger.read())
        try:
            yield charger
        finally:
            reader.cancel()
