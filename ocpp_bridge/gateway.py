"""The domain's `ChargerGateway`: a command goes to the socket in this process, or to the process that owns it.

A charger that no process holds is `OFFLINE` at once; an owner that does not claim the command in time (it was
killed) makes it `OFFLINE` too, and the command is withdrawn. Once claimed, silence is `TIMED_OUT`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from sqlalchemy import select

from app.db.uow import Database
from app.domain.charging.commands import Command, CommandOutcome
from app.domain.charging.tables import CommandState
from app.domain.stations.tables import Charger
from ocpp_bridge import relay
from ocpp_bridge.listener import Listener

_log = structlog.get_logger(__name__)
_LOOK_AGAIN_SECONDS = 1.0
_GRACE_SECONDS = 3.0

SendHere = Callable[[UUID, Command, float], Awaitable[CommandOutcome | None]]
"""Carry a command out on a socket of this process; None where the charger has none here."""


async def _nowhere(_charger: UUID, _command: Command, _timeout: float) -> CommandOutcome | None:
    return None


class GatewayOverNotify:
    """Sends commands to chargers in whichever process holds their sockets."""

    def __init__(
        self,
        database: Database,
        listener: Listener,
        *,
        send_here: SendHere = _nowhere,
        owner_answer_seconds: float = 2,
    ) -> None:
        """Use `listener` (not started yet) for replies; `send_here` reaches the sockets of this process, if it has
        any.
        """
        self._database = database
        self._send_here = send_here
        self._owner_answer_seconds = owner_answer_seconds
        self._waiting: dict[UUID, asyncio.Event] = {}
        listener.listen(relay.REPLIES, self._wake)

    async def send(
        self, tenant_id: UUID, charger_id: UUID, command: Command, *, timeout_seconds: int
    ) -> CommandOutcome:
        """Return what became of a command. Never raises for the charger's sake."""
        outcome = await self._send_here(charger_id, command, timeout_seconds)
        if outcome is not None:
            return outcome
        node = await self._owner(tenant_id, charger_id)
        if node is None:
            return CommandOutcome(state=CommandState.OFFLINE, detail="the charger is not connected")
        return await self._relay(tenant_id, charger_id, node, command, timeout_seconds)

    async def _owner(self, tenant_id: UUID, charger_id: UUID) -> str | None:
        async with self._database.read(tenant_id) as session:
            node: str | None = await session.scalar(
                select(Charger.node).where(
                    Charger.id == charger_id, Charger.tenant_id == tenant_id, Charger.connected.is_(True)
                )
            )
        return node

    async def _relay(
        self, tenant_id: UUID, charger_id: UUID, node: str, command: Command, timeout_seconds: int
    ) -> CommandOutcome:
        async with self._database.unit_of_work(tenant_id) as uow:
            relay_id = await relay.hand_over(uow, charger_id, node, command, timeout_seconds)
            self._waiting[relay_id] = asyncio.Event()
        try:
            outcome = await self._wait(tenant_id, relay_id, timeout_seconds)
        finally:
            self._waiting.pop(relay_id, None)
        async with self._database.unit_of_work(tenant_id) as uow:
            await relay.forget(uow, relay_id)
        return outcome

    async def _wait(self, tenant_id: UUID, relay_id: UUID, timeout_seconds: int) -> CommandOutcome:
        """Wait for the claim, then for the outcome; rows are looked at whether or not a notice came."""
        loop = asyncio.get_running_loop()
        claim_by = loop.time() + self._owner_answer_seconds
        answer_by = loop.time() + self._owner_answer_seconds + timeout_seconds + _GRACE_SECONDS
        while True:
            state, outcome = await relay.look(self._database, tenant_id, relay_id)
            if outcome is not None:
                return outcome
            deadline = claim_by if state is CommandState.QUEUED else answer_by
            left = deadline - loop.time()
            if left > 0:
                await self._notice(relay_id, min(left, _LOOK_AGAIN_SECONDS))
            elif state is CommandState.SENT:
                return CommandOutcome(state=CommandState.TIMED_OUT, detail="the charger's process did not answer")
            elif await self._withdraw(tenant_id, relay_id):
                return CommandOutcome(state=CommandState.OFFLINE, detail="the charger's process is gone")

    async def _withdraw(self, tenant_id: UUID, relay_id: UUID) -> bool:
        async with self._database.unit_of_work(tenant_id) as uow:
            return await relay.take_back(uow, relay_id)

    async def _notice(self, relay_id: UUID, seconds: float) -> None:
        woken = self._waiting[relay_id]
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            return
        woken.clear()

    def _wake(self, payload: str) -> None:
        try:
            woken = self._waiting.get(UUID(payload))
        except ValueError:
            _log.warning("ocpp.strange_notice", payload=payload[:80])
            return
        if woken is not None:
            woken.set()
