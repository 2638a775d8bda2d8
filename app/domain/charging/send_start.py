"""The job that asks a charger to start. Sent at most once: after a crash in between the outcome is uncertain."""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.command_log import add_command, finish_command
from app.domain.charging.commands import CommandOutcome, RemoteStart
from app.domain.charging.deps import Charging
from app.domain.charging.fail import fail_start
from app.domain.charging.progress import move
from app.domain.charging.states import FailureCode, SessionState
from app.domain.charging.tables import ChargingSession, CommandState
from app.domain.stations.tables import Evse


async def send_start(deps: Charging, tenant_id: UUID, session_id: UUID) -> None:
    """Send RemoteStart for a session that waits for its charger and record the outcome."""

    async def prepare(uow: UnitOfWork) -> tuple[UUID, RemoteStart, UUID] | None:
        session = await uow.session.get_one(ChargingSession, session_id, with_for_update=True)
        if session.state is not SessionState.PENDING_CHARGER or session.charger_id is None:
            return None
        if session.start_sent_at is not None:
            if session.deadline_at is None:
                await _become_uncertain(deps, uow, session)
            return None
        evse = await uow.session.get_one(Evse, session.evse_id)
        if evse.ocpp_evse_no is None:
            # Never guess which EVSE is meant: another car may stand there.
            await fail_start(uow, session, FailureCode.CHARGER_REJECTED, "the EVSE has no number at its charger")
            return None
        session.start_sent_at = deps.clock.now()
        command = RemoteStart(
            evse_no=evse.ocpp_evse_no,
            id_token=session.start_token or "",
            remote_start_id=session.remote_start_id or 0,
        )
        row = await add_command(
            uow, session.charger_id, command, requested_by=f"session:{session.id}", session_id=session.id
        )
        return session.charger_id, command, row.id

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
        if session.state in (SessionState.PENDING_CHARGER, SessionState.START_UNCERTAIN):
            await _apply(deps, uow, session, outcome)

    await deps.database.transact(tenant_id, record)


async def _apply(deps: Charging, uow: UnitOfWork, session: ChargingSession, outcome: CommandOutcome) -> None:
    match outcome.state:
        case CommandState.ACCEPTED:
            session.deadline_at = deps.clock.now() + deps.settings.start_deadline
            await _note_transaction(uow, session, outcome)
        case CommandState.REJECTED:
            await fail_start(uow, session, FailureCode.CHARGER_REJECTED, outcome.status)
        case CommandState.OFFLINE:
            await fail_start(uow, session, FailureCode.CHARGER_OFFLINE, outcome.detail)
        case _:
            if session.state is SessionState.PENDING_CHARGER:
                await _become_uncertain(deps, uow, session)


async def _become_uncertain(deps: Charging, uow: UnitOfWork, session: ChargingSession) -> None:
    """Silence is not refusal: the hold stays until the charger is known not to have started."""
    session.deadline_at = deps.clock.now() + deps.settings.start_deadline
    await move(uow, session, SessionState.START_UNCERTAIN)


async def _note_transaction(uow: UnitOfWork, session: ChargingSession, outcome: CommandOutcome) -> None:
    """Keep the id of a transaction that was open before the remote start (2.0.1 F01.FR.13: cable first).

    Its next event, whatever it carries, begins the session. An id that another session has is not believed.
    """
    transaction_id = (outcome.answer or {}).get("transactionId")
    if not isinstance(transaction_id, str) or not transaction_id:
        return
    taken = await uow.session.scalar(
        select(ChargingSession.id).where(
            ChargingSession.charger_id == session.charger_id, ChargingSession.ocpp_transaction_id == transaction_id
        )
    )
    if taken is None:
        session.ocpp_transaction_id = transaction_id
