"""The job that asks a charger to stop. It may be sent again: stopping twice is harmless, not stopping is not."""

from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.command_log import add_command, finish_command
from app.domain.charging.commands import RemoteStop
from app.domain.charging.deps import Charging
from app.domain.charging.progress import publish
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, CommandState
from app.domain.stations.tables import Location


async def send_stop(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Send RemoteStop for an active session whose stop was asked for; offline it stays pending until a reconnect."""

    async def prepare(uow: UnitOfWork) -> tuple[UUID, RemoteStop, UUID] | None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        transaction_id, charger_id = session.ocpp_transaction_id, session.charger_id
        if session.state is not SessionState.ACTIVE or charger_id is None or transaction_id is None:
            return None
        session.deadline_at = deps.clock.now() + deps.settings.stop_retry
        command = RemoteStop(transaction_id=transaction_id)
        row = await add_command(uow, charger_id, command, requested_by=f"session:{session.id}", session_id=session.id)
        return charger_id, command, row.id

    prepared = await deps.database.transact(tenant_id, prepare)
    if prepared is None:
        return
    charger_id, command, command_id = prepared
    outcome = await deps.gateway.send(
        tenant_id, charger_id, command, timeout_seconds=int(deps.settings.command_timeout.total_seconds())
    )

    async def record(uow: UnitOfWork) -> None:
        await finish_command(uow, command_id, outcome, deps.clock.now())
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state is SessionState.ACTIVE and not outcome.accepted:
            await publish(uow, session, "session.stop_pending")
            if outcome.state is CommandState.OFFLINE:
                await _tell_pending(deps, uow, session)

    await deps.database.transact(tenant_id, record)


async def _tell_pending(deps: Charging, uow: UnitOfWork, session: ChargingSession) -> None:
    if session.driver_id is None or session.location_id is None:
        return
    location = await uow.session.get_one(Location, session.location_id)
    await deps.notifier.notify(
        uow,
        driver_id=session.driver_id,
        kind="STOP_PENDING",
        payload={"session_id": session.id, "location_name": location.name},
        dedupe_key=f"stop-pending:{session.id}",
    )
