"""What went over the wire, kept for inspection: a test or an operator reads a station's frames back from
here.

The journal is bounded; frames appear in the order in which they were sent or received. An answer carries the
action of the call it answers.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

FrameKind = Literal["call", "result", "error"]
_KINDS: dict[int, FrameKind] = {2: "call", 3: "result", 4: "error"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One OCPP-J frame; `payload` is the camelCase payload, or the error code and text of a CALLERROR."""

    kind: FrameKind
    id: str
    action: str
    payload: dict[str, Any]


class Journal:
    """The frames of one station, in both directions, over all its connections."""

    def __init__(self, size: int) -> None:
        """Keep the last `size` frames of each direction."""
        self.sent: deque[Frame] = deque(maxlen=size)
        self.received: deque[Frame] = deque(maxlen=size)
        self._actions: dict[tuple[str, str], str] = {}

    def record(self, direction: Literal["sent", "received"], text: str | bytes) -> Frame | None:
        """Keep one frame; text that is no OCPP-J frame is ignored and gives None."""
        try:
            message = json.loads(text)
            frame = self._frame(direction, message)
        except (ValueError, LookupError, TypeError):
            return None
        (self.sent if direction == "sent" else self.received).append(frame)
        return frame

    def _frame(self, direction: str, message: list[Any]) -> Frame:
        kind, message_id = _KINDS[message[0]], str(message[1])
        if kind == "call":
            self._actions[direction, message_id] = message[2]
            return Frame(kind, message_id, message[2], message[3])
        asked = "received" if direction == "sent" else "sent"
        action = self._actions.pop((asked, message_id), "")
        payload = message[2] if kind == "result" else {"code": message[2], "description": message[3]}
        return Frame(kind, message_id, action, payload)


class Pulse:
    """Wakes everyone who waits for a condition whenever something about the station changed."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._event = asyncio.Event()

    def beat(self) -> None:
        """Announce a change."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Return when `condition` holds; raises TimeoutError after `timeout_s` seconds."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                await self._event.wait()
