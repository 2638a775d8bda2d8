"""What the double remembers: the newest ten thousand accepted messages, and faults still to be played."""

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any

from notifications.fcm.double.errors import TOKEN_PREFIXES, Fault

_KEPT = 10_000


@dataclass(slots=True)
class InjectedFault:
    """A fault for the next `times` messages, of any token or of one."""

    fault: Fault
    times: int
    token: str | None = None


class DoubleStore:
    """The state of one double."""

    def __init__(self) -> None:
        self._messages: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._faults: list[InjectedFault] = []

    def keep(self, project: str, message: dict[str, Any]) -> str:
        """Store an accepted message and return its name (`projects/*/messages/*`)."""
        name = f"projects/{project}/messages/0:{secrets.randbelow(10**16):016d}%{secrets.token_hex(8)}"
        self._messages.append({"name": name, "project": project, "message": message})
        return name

    def messages(self, token: str | None, project: str | None) -> list[dict[str, Any]]:
        """Return the accepted messages in the order they came, of one token and project where given."""
        return [
            stored
            for stored in self._messages
            if token in (None, stored["message"].get("token")) and project in (None, stored["project"])
        ]

    def inject(self, fault: InjectedFault) -> None:
        """Add a fault behind those that wait."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Forget all messages and faults."""
        self._messages.clear()
        self._faults.clear()

    def fault_for(self, token: str) -> Fault | None:
        """Return the fault this message meets and count it as played: an injected one first."""
        for waiting in self._faults:
            if waiting.token in (None, token):
                waiting.times -= 1
                if waiting.times == 0:
                    self._faults.remove(waiting)
                return waiting.fault
        return next((fault for prefix, fault in TOKEN_PREFIXES.items() if token.startswith(prefix)), None)
