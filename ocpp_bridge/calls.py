"""Our own CALLs to one charger: one outstanding at a time, each with a deadline that includes the wait for its turn.

They wait until the charger is ready (its boot accepted). Answers are matched by id; one that comes late or with an
unknown id is logged. A charger that leaves several calls in a row unanswered is dropped, so that it connects anew.

    CallFailedError
    ├── CallTimeoutError       no answer in time; `sent` tells whether the charger had the call
    ├── CallRefusedError       the charger answered with a CALLERROR
    ├── CallMalformedError     the answer could not be read
    └── SocketGoneError        the connection ended first
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog

from ocpp_bridge.frames import CallError, CallResult, Payload, encode_call

_log = structlog.get_logger(__name__)


class CallFailedError(Exception):
    """The call brought no result."""


class CallTimeoutError(CallFailedError):
    """No answer in time."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("no answer in time" if sent else "the charger was not ready in time")
        self.sent = sent


class CallRefusedError(CallFailedError):
    """The charger answered with a CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}"[:300])
        self.code = code


class CallMalformedError(CallFailedError):
    """The answer could not be read."""


class SocketGoneError(CallFailedError):
    """The connection ended before the answer."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("the connection ended before the answer" if sent else "the connection ended")
        self.sent = sent


class OutgoingCalls:
    """The calls of one connection."""

    def __init__(
        self,
        identity: str,
        send: Callable[[str], Awaitable[None]],
        *,
        timeouts_before_drop: int,
        drop: Callable[[], None],
    ) -> None:
        """Send frames by `send`; `drop` ends the connection of a charger that answers no more."""
        self._identity = identity
        self._send = send
        self._drop = drop
        self._timeouts_before_drop = timeouts_before_drop
        self._timeouts = 0
        self._turn = asyncio.Lock()
        self._pending: dict[str, asyncio.Future[Payload]] = {}
        self._gone = asyncio.get_running_loop().create_future()
        self.ready = asyncio.Event()

    async def call(self, action: str, payload: Payload, timeout_seconds: float) -> Payload:
        """Return the payload of the answer. Raises CallFailedError."""
        message_id = str(uuid4())
        waiting = asyncio.ensure_future(self._call(message_id, action, payload, timeout_seconds))
        try:
            await asyncio.wait({waiting, self._gone}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            raise SocketGoneError(sent=message_id in self._pending)
        finally:
            waiting.cancel()

    async def _call(self, message_id: str, action: str, payload: Payload, timeout_seconds: float) -> Payload:
        sent = False
        try:
            async with asyncio.timeout(timeout_seconds):
                await self.ready.wait()
                async with self._turn:
                    answer = asyncio.get_running_loop().create_future()
                    self._pending[message_id] = answer
                    await self._send(encode_call(message_id, action, payload))
                    sent = True
                    result: Payload = await answer
        except TimeoutError:
            self._count_timeout(action, sent=sent)
            raise CallTimeoutError(sent=sent) from None
        finally:
            self._pending.pop(message_id, None)
        return result

    def _count_timeout(self, action: str, *, sent: bool) -> None:
        if not sent:
            return
        self._timeouts += 1
        _log.warning("ocpp.call_timed_out", charger=self._identity, action=action, in_a_row=self._timeouts)
        if self._timeouts >= self._timeouts_before_drop:
            self._drop()

    def take_result(self, result: CallResult) -> None:
        """Hand a CALLRESULT to the call that waits for it."""
        answer = self._claim(result.message_id)
        if answer is not None:
            answer.set_result(result.payload)

    def take_error(self, error: CallError) -> None:
        """Hand a CALLERROR to the call that waits for it."""
        answer = self._claim(error.message_id)
        if answer is not None:
            answer.set_exception(CallRefusedError(error.code, error.description))

    def take_malformed(self, message_id: str, why: str) -> None:
        """Fail the call that an unreadable answer was meant for."""
        answer = self._claim(message_id)
        if answer is not None:
            answer.set_exception(CallMalformedError(why))

    def _claim(self, message_id: str) -> "asyncio.Future[Payload] | None":
        self._timeouts = 0
        answer = self._pending.pop(message_id, None)
        if answer is None or answer.done():
            _log.warning("ocpp.answer_without_call", charger=self._identity, message_id=message_id[:40])
            return None
        return answer

    def end(self) -> None:
        """The connection is over: every waiting call fails."""
        if not self._gone.done():
            self._gone.set_result(None)
