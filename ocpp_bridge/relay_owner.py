"""The owner's side of relayed commands: claim, carry out on the local socket, report."""

import asyncio
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.db.uow import Database, UnitOfWork
from app.domain.charging.commands import CommandOutcome
from app.domain.charging.tables import CommandState
from ocpp_bridge import relay
from ocpp_bridge.gateway import SendHere
from ocpp_bridge.listener import Listener

_log = structlog.get_logger(__name__)


class RelayOwner:
    """Carries out commands that other processes hand to this node."""

    def __init__(self, database: Database, listener: Listener, node: str, send_here: SendHere) -> None:
        """Listen for requests to `node`."""
        self._database = database
        self._node = node
        self._send_here = send_here
        self._tasks: set[asyncio.Task[None]] = set()
        listener.listen(relay.REQUESTS, self._on_request)

    async def stop(self) -> None:
        """Give up what is under way; the senders' own deadlines answer for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_request(self, payload: str) -> None:
        try:
            node, relay_id, tenant_id = payload.split(" ")
            request = UUID(tenant_id), UUID(relay_id)
        except ValueError:
            _log.warning("ocpp.strange_notice", payload=payload[:80])
            return
        if node == self._node:
            task = asyncio.create_task(self._carry_out(*request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, tenant_id: UUID, relay_id: UUID) -> None:
        try:
            async with self._database.unit_of_work(tenant_id) as uow:
                claimed = await relay.claim(uow, relay_id)
            if claimed is None:
                return
            outcome = await self._send_here(claimed.charger_id, relay.command_of(claimed), claimed.timeout_seconds)
            final = outcome or CommandOutcome(state=CommandState.OFFLINE, detail="the charger is not connected")

            async def store(uow: UnitOfWork) -> None:
                await relay.report(uow, relay_id, final)

            await self._database.transact(tenant_id, store)
        except (SQLAlchemyError, OSError):
            _log.exception("ocpp.relay_failed", relay=str(relay_id))
