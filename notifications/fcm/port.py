"""What a push sender takes and answers, so that dispatch knows nothing of Firebase.

A sender never raises for one message: every message gets its own result, in the order given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class DeliveryStatus(StrEnum):
    """What became of one message to one device."""

    SENT = "SENT"
    """The service accepted it."""
    TOKEN_DEAD = "TOKEN_DEAD"  # noqa: S105 - a state, not a password
    """The app is gone from the device or the token never existed: forget the device."""
    RETRY = "RETRY"
    """Not accepted for a passing reason: quota, outage, network."""
    FAILED = "FAILED"
    """Not accepted, and the same message never will be."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One message to one device.

    A later message with the same collapse key (at most 64 bytes) replaces an earlier one, waiting or shown.
    The service drops the message when `ttl` has passed without delivery (more than 0, at most 28 days).
    """

    token: str
    title: str
    body: str
    data: dict[str, str]
    collapse_key: str
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The outcome for one message; `error` is the service's code and text, `retry_after` its wish."""

    status: DeliveryStatus
    message_id: str | None = None
    error: str | None = None
    retry_after: timedelta | None = None


class PushSender(Protocol):
    """Anything that delivers push messages."""

    async def send(self, messages: Sequence[PushMessage]) -> list[DeliveryResult]:
        """Send each message once and return the results in the same order."""
        ...

    async def close(self) -> None:
        """Let go of connections and threads."""
        ...
