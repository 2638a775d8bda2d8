"""Every command to a charger is a row: who asked, what was sent, what came back."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.db.uow import UnitOfWork
from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.tables import ChargerCommand, CommandState


def command_payload(command: Command) -> dict[str, Any]:
    """Return a command as JSON values."""
    payload: dict[str, Any] = msgspec.to_builtins(asdict(command))
    return payload


async def add_command(
    uow: UnitOfWork,
    charger_id: UUID,
    command: Command,
    *,
    requested_by: str,
    session_id: UUID | None = None,
) -> ChargerCommand:
    """Add the row of a command that is about to be sent."""
    row = ChargerCommand(
        charger_id=charger_id,
        session_id=session_id,
        action=type(command).__name__,
        payload=command_payload(command),
        requested_by=requested_by,
        state=CommandState.SENT,
    )
    uow.session.add(row)
    await uow.session.flush()
    return row


async def finish_command(uow: UnitOfWork, command_id: UUID, outcome: CommandOutcome, at: datetime) -> None:
    """Record what came back."""
    row = await uow.session.get_one(ChargerCommand, command_id, with_for_update=True)
    row.state = outcome.state
    row.answer = outcome.answer
    row.detail = outcome.detail or outcome.status
    row.answered_at = at
