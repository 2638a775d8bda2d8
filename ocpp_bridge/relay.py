"""Commands between processes: a row carries the command and its outcome, NOTIFY only wakes.

The owner of the socket claims a row before it calls the charger; a sender that gives up takes it back. Both are one
conditional update, so a command is carried out at most once, and never after its sender reported that it was not.
"""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select, text, update

from app.db.uow import Database, UnitOfWork
from app.domain.charging import commands
from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.tables import CommandState
from ocpp_bridge.tables import CommandRelay

REQUESTS = "voltlane_ocpp_relays"
REPLIES = "voltlane_ocpp_relayed"
_FORGET_AFTER = "1 hour"
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        commands.RemoteStart,
        commands.RemoteStop,
        commands.ReserveNow,
        commands.CancelReservation,
        commands.Reset,
        commands.UnlockConnector,
        commands.ChangeAvailability,
        commands.TriggerMessage,
        commands.GetVariables,
        commands.SetVariable,
        commands.ClearCache,
    )
}


async def notify(uow: UnitOfWork, channel: str, payload: str) -> None:
    """Wake a channel's listeners when the unit of work commits."""
    await uow.session.execute(text("select pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


async def hand_over(uow: UnitOfWork, charger_id: UUID, node: str, command: Command, timeout_seconds: int) -> UUID:
    """Queue a command for the process `node`; return the relay's id. Relays of senders that died are cleared away."""
    await uow.session.execute(
        delete(CommandRelay).where(CommandRelay.created_at < func.now() - text(f"interval '{_FORGET_AFTER}'"))
    )
    relay = CommandRelay(
        charger_id=charger_id,
        node=node,
        action=type(command).__name__,
        payload=msgspec.to_builtins(asdict(command)),
        timeout_seconds=timeout_seconds,
        state=CommandState.QUEUED,
    )
    uow.session.add(relay)
    await uow.session.flush()
    await notify(uow, REQUESTS, f"{node} {relay.id} {uow.tenant_id}")
    return relay.id


async def claim(uow: UnitOfWork, relay_id: UUID) -> CommandRelay | None:
    """Take a queued command; None where its sender gave up or another took it."""
    relay: CommandRelay | None = await uow.session.scalar(
        update(CommandRelay)
        .where(CommandRelay.id == relay_id, CommandRelay.state == CommandState.QUEUED)
        .values(state=CommandState.SENT)
        .returning(CommandRelay)
    )
    if relay is not None:
        await notify(uow, REPLIES, str(relay_id))
    return relay


def command_of(relay: CommandRelay) -> Command:
    """Return the command a relay carries."""
    command: Command = msgspec.convert(relay.payload, _KINDS[relay.action], strict=False)
    return command


async def report(uow: UnitOfWork, relay_id: UUID, outcome: CommandOutcome) -> None:
    """Store what became of a claimed command."""
    await uow.session.execute(
        update(CommandRelay)
        .where(CommandRelay.id == relay_id)
        .values(state=outcome.state, outcome=msgspec.to_builtins(asdict(outcome)))
    )
    await notify(uow, REPLIES, str(relay_id))


async def look(database: Database, tenant_id: UUID, relay_id: UUID) -> tuple[CommandState, CommandOutcome | None]:
    """Return a relay's state and, where there is one, its outcome."""
    async with database.read(tenant_id) as session:
        row = (
            await session.execute(select(CommandRelay.state, CommandRelay.outcome).where(CommandRelay.id == relay_id))
        ).one()
    outcome = None if row.outcome is None else msgspec.convert(row.outcome, CommandOutcome)
    return row.state, outcome


async def take_back(uow: UnitOfWork, relay_id: UUID) -> bool:
    """Withdraw a command; False where the owner has claimed it."""
    withdrawn = await uow.session.scalar(
        delete(CommandRelay)
        .where(CommandRelay.id == relay_id, CommandRelay.state == CommandState.QUEUED)
        .returning(CommandRelay.id)
    )
    return withdrawn is not None


async def forget(uow: UnitOfWork, relay_id: UUID) -> None:
    """Delete a relay whose outcome its sender has."""
    await uow.session.execute(delete(CommandRelay).where(CommandRelay.id == relay_id))
