"""A charger gateway that records commands and answers as a test scripted it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.tables import CommandState

C = TypeVar("C")

ACCEPTED = CommandOutcome(state=CommandState.ACCEPTED, status="Accepted", answer={"status": "Accepted"})
REJECTED = CommandOutcome(state=CommandState.REJECTED, status="Rejected", answer={"status": "Rejected"})
OFFLINE = CommandOutcome(state=CommandState.OFFLINE, detail="no socket")
TIMED_OUT = CommandOutcome(state=CommandState.TIMED_OUT)
FAILED = CommandOutcome(state=CommandState.FAILED, detail="InternalError")


class DiedError(Exception):
    """Raised in place of an answer that never comes: the process died while it waited."""


@dataclass(frozen=True)
class Sent:
    """A command as it went out."""

    tenant_id: UUID
    charger_id: UUID
    command: Command
    timeout_seconds: int


@dataclass
class FakeGateway:
    """Answers commands in the scripted order, then with `default`. `hold` keeps answers back until it is set;
    `reached` is set by the first command.
    """

    default: CommandOutcome = ACCEPTED
    sent: list[Sent] = field(default_factory=list)
    script: deque[CommandOutcome | Exception] = field(default_factory=deque)
    hold: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, *outcomes: CommandOutcome | Exception) -> None:
        """Answer the next commands so."""
        self.script.extend(outcomes)

    async def send(
        self, tenant_id: UUID, charger_id: UUID, command: Command, *, timeout_seconds: int
    ) -> CommandOutcome:
        """Record the command; return or raise what comes next."""
        self.sent.append(Sent(tenant_id, charger_id, command, timeout_seconds))
        self.reached.set()
        outcome = self.script.popleft() if self.script else self.default
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def commands(self, kind: type[C]) -> list[C]:
        """Return the commands of a kind, oldest first."""
        return [sent.command for sent in self.sent if isinstance(sent.command, kind)]
