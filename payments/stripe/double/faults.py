"""Faults an administrator asks for: the next calls that match fail as real networks and processors do.

A fault strikes before the effect (nothing happened) or after it (it happened, but the caller does not learn so).
Faults live in memory only and are used up one call at a time, the oldest matching one first.
"""

import re
from dataclasses import asdict, dataclass, fields, replace
from enum import Enum

from payments.stripe.double.json_types import JsonObject

_INTERNAL_ERROR = 500


class FaultKind(Enum):
    """What the caller sees."""

    ERROR = "error"  # an error status
    HANG = "hang"  # a late answer
    DROP = "drop"  # a connection closed without an answer


class Phase(Enum):
    """Whether the call had its effect when the fault strikes."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault for the next `count` calls whose method and path match.

    `path` is a regular expression searched in the request path. `saved` says whether an injected error becomes the
    idempotency key's answer (as Stripe's own 500s do) or is lost on the way (as a proxy's would be).
    """

    kind: FaultKind
    phase: Phase
    method: str = "POST"
    path: str = ""
    count: int = 1
    status: int = _INTERNAL_ERROR
    hang_ms: int = 0
    saved: bool = True

    @property
    def name(self) -> str:
        """How the request log calls it."""
        return f"{self.kind.value}_{self.phase.value}_effect"

    def matches(self, method: str, path: str) -> bool:
        """Return whether the call is one to strike."""
        return self.method == method and re.search(self.path, path) is not None

    def to_json(self) -> JsonObject:
        """Return the fault as the admin endpoint shows it."""
        return {**asdict(self), "kind": self.kind.value, "phase": self.phase.value}


def fault_from_json(document: JsonObject) -> Fault:
    """Return the fault an administrator described; raises ValueError, TypeError or KeyError if it is malformed."""
    try:
        re.compile(str(document.get("path", "")))
    except re.error as error:
        raise ValueError(f"path: {error}") from error
    if unknown := document.keys() - {field.name for field in fields(Fault)}:
        raise ValueError(f"unknown members: {', '.join(sorted(unknown))}")
    return Fault(
        kind=FaultKind(document["kind"]),
        phase=Phase(document["phase"]),
        method=str(document.get("method", "POST")),
        path=str(document.get("path", "")),
        count=int(document.get("count", 1)),
        status=int(document.get("status", _INTERNAL_ERROR)),
        hang_ms=int(document.get("hang_ms", 0)),
        saved=bool(document.get("saved", True)),
    )


class Faults:
    """The faults still to strike."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Queue a fault."""
        self._pending.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        self._pending.clear()

    def pending(self) -> list[Fault]:
        """Return the faults still to strike."""
        return list(self._pending)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this call, used up by one."""
        for index, fault in enumerate(self._pending):
            if fault.matches(method, path):
                if fault.count > 1:
                    self._pending[index] = replace(fault, count=fault.count - 1)
                else:
                    del self._pending[index]
                return fault
        return None
