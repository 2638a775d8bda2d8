"""The station's ordered queue to the CSMS: what must not get lost waits here until it is acknowledged.

Transaction messages are durable: they survive a lost connection, are repeated with the same content until
answered, and leave in the order in which things happened (1.6 section 3.5 and 3.7, 2.0.1 E04). A CALLERROR is
retried a few times and then given up. Everything else is dropped when there is no connection, because it
would be stale.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from ocpp.exceptions import OCPPError

_LOG = logging.getLogger("voltlane.simulator")
_ATTEMPTS = 3


class Caller(Protocol):
    """A connection over which one call at a time gets its answer."""

    async def ask(self, payload: object, message_id: str | None = None) -> Any:
        """Send a call and return the answer; raises TimeoutError, ConnectionError or OCPPError."""
        ...


@dataclass(slots=True, eq=False)
class Message:
    """A call to make. `build` runs when it is sent, so that it can use ids the CSMS issued meanwhile."""

    build: Callable[[], object]
    durable: bool = True
    on_answer: Callable[[Any], None] | None = None
    id: str = field(default_factory=lambda: str(uuid4()))
    failures: int = 0


class Outbox:
    """Messages in order, sent one at a time by `run` while a connection lives."""

    def __init__(self, retry_interval_s: float) -> None:
        """Start empty; a refused message waits `retry_interval_s` times its failures before the next attempt."""
        self._retry_interval_s = retry_interval_s
        self._messages: deque[Message] = deque()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    def __len__(self) -> int:
        """Return how many messages wait for their answer."""
        return len(self._messages)

    def put(self, message: Message) -> None:
        """Append a message."""
        self._messages.append(message)
        self._signal()

    def put_first(self, messages: Iterable[Message]) -> None:
        """Put messages before all others, keeping their order."""
        self._messages.extendleft(reversed(list(messages)))
        self._signal()

    def drop_stale(self) -> None:
        """Forget what is not durable; called when the connection is gone."""
        self._messages = deque(message for message in self._messages if message.durable)
        self._signal()

    async def drained(self, timeout_s: float) -> bool:
        """Wait until everything is acknowledged; False when `timeout_s` seconds were not enough."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._drained.wait()
        except TimeoutError:
            return False
        return True

    async def run(self, caller: Caller, *, twice: Callable[[], bool], same_id: Callable[[], bool]) -> None:
        """Send until cancelled or the connection fails.

        `twice` and `same_id` are the station's present misbehaviour: to send durable messages again under a
        new id, and to repeat unanswered ones under their first id.
        """
        while True:
            await self._filled.wait()
            message = self._messages[0]
            if not await self._deliver(caller, message, same_id=same_id()):
                continue
            if self._messages and self._messages[0] is message:
                self._messages.popleft()
            self._signal()
            if message.durable and twice():
                with suppress(OCPPError, TimeoutError):
                    await caller.ask(message.build())

    async def _deliver(self, caller: Caller, message: Message, *, same_id: bool) -> bool:
        try:
            answer = await caller.ask(message.build(), message.id if same_id else None)
        except OCPPError as error:
            return await self._refused(message, error)
        except TimeoutError:
            return not message.durable
        if message.on_answer is not None:
            message.on_answer(answer)
        return True

    async def _refused(self, message: Message, error: OCPPError) -> bool:
        message.failures += 1
        if not message.durable or message.failures >= _ATTEMPTS:
            _LOG.warning("given up %s: %s", type(message.build()).__name__, error)
            return True
        await asyncio.sleep(self._retry_interval_s * message.failures)
        return False

    def _signal(self) -> None:
        if self._messages:
            self._filled.set()
            self._drained.clear()
        else:
            self._filled.clear()
            self._drained.set()
