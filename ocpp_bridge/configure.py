"""What the bridge asks of a charger by itself: the baseline after an accepted boot, statuses where it said none, and
after a reconnect without a boot the stops that waited for it.

Both wait a settle delay, one run a charger at a time: calls right after a boot are ignored or make small chargers
boot again.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db.uow import Database, UnitOfWork
from app.domain.charging.command_log import add_command, finish_command
from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.inbound import send_waiting_stops
from app.domain.charging.tables import CommandState
from app.domain.stations.tables import Evse
from app.kit.clock import Clock
from ocpp_bridge.baseline import Reach, bring_to_baseline
from ocpp_bridge.commanding import carry_out
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.connection import Connection
from ocpp_bridge.variables import ReportedVariable

_log = structlog.get_logger(__name__)
_REQUESTED_BY = "bridge"


class Configurator:
    """Runs the bridge's own calls, one task a connection."""

    def __init__(self, database: Database, clock: Clock, config: BridgeConfig) -> None:
        self._database = database
        self._clock = clock
        self._config = config
        self._tasks: dict[Connection, asyncio.Task[None]] = {}

    def connected(self, connection: Connection) -> None:
        """A charger connected: where it is known and sends no boot, it is ready after a moment and asked for its
        statuses.
        """
        if connection.station.accepted and connection.station.booted_at is not None:
            self._run(connection, self._after_reconnect(connection))

    def booted(self, connection: Connection) -> None:
        """A charger's boot was accepted: configure it after the settle delay."""
        self._run(connection, self._after_boot(connection))

    def ended(self, connection: Connection) -> None:
        """The connection is over."""
        task = self._tasks.pop(connection, None)
        if task is not None:
            task.cancel()

    async def stop(self) -> None:
        """End every run."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        self.ended(connection)
        self._tasks[connection] = asyncio.create_task(self._guarded(connection, work))

    async def _guarded(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("ocpp.configuration_failed", charger=connection.station.ref.identity, why=str(error)[:200])

    async def _after_boot(self, connection: Connection) -> None:
        await asyncio.sleep(self._config.settle_seconds)

        async def send(command: Command) -> CommandOutcome:
            return await self._send(connection, command)

        reach = Reach(
            tenant_id=connection.station.ref.tenant_id,
            charger_id=connection.station.charger_id,
            send=send,
            reported=lambda command, outcome: _reported(connection, command, outcome),
        )
        await bring_to_baseline(self._database, self._clock, reach, connection.version.wishes(self._config))
        await self._ask_status(connection)

    async def _after_reconnect(self, connection: Connection) -> None:
        await asyncio.sleep(self._config.ready_seconds)
        connection.calls.ready.set()
        ref = connection.station.ref
        await self._database.transact(ref.tenant_id, lambda uow: send_waiting_stops(uow, ref))
        await asyncio.sleep(max(self._config.settle_seconds - self._config.ready_seconds, 0))
        await self._ask_status(connection)

    async def _ask_status(self, connection: Connection) -> None:
        """Ask a charger that said nothing of its statuses on this connection."""
        if connection.reported_status:
            return
        for command in connection.version.ask_status(await self._evse_numbers(connection)):
            outcome = await self._send(connection, command)
            if outcome.state in (CommandState.OFFLINE, CommandState.TIMED_OUT):
                return

    async def _evse_numbers(self, connection: Connection) -> Sequence[int]:
        async with self._database.read(connection.station.ref.tenant_id) as session:
            numbers = await session.scalars(
                select(Evse.ocpp_evse_no)
                .where(Evse.charger_id == connection.station.charger_id, Evse.ocpp_evse_no.is_not(None))
                .order_by(Evse.ocpp_evse_no)
            )
            return [number for number in numbers if number is not None]

    async def _send(self, connection: Connection, command: Command) -> CommandOutcome:
        """Carry out a command of our own, kept as a row like any other."""
        tenant_id, charger_id = connection.station.ref.tenant_id, connection.station.charger_id

        async def begin(uow: UnitOfWork) -> Any:
            return (await add_command(uow, charger_id, command, requested_by=_REQUESTED_BY)).id

        command_id = await self._database.transact(tenant_id, begin)
        outcome = await carry_out(
            connection,
            command,
            self._config.call_timeout_seconds,
            database=self._database,
            now=self._clock.now(),
        )

        async def finish(uow: UnitOfWork) -> None:
            await finish_command(uow, command_id, outcome, self._clock.now())

        await self._database.transact(tenant_id, finish)
        return outcome


def _reported(connection: Connection, command: Command, outcome: CommandOutcome) -> Sequence[ReportedVariable]:
    return connection.version.variables(command, outcome.answer or {})
