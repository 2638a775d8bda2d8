"""A charger starts a transaction: bound to the session that asked for it, else to a card, else kept as an orphan.

The same start under a new message id gets the first answer. A refused start gets a real transaction id too (it may
charge all the same, and its stop must be told apart) and never touches the session that runs on the EVSE.
"""

import hashlib
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.activate import activate, is_before, other_active_session
from app.domain.charging.inbound.authorize import TokenDecision, decide
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.find import (
    asked_for_session,
    find_evse,
    live_session,
    session_by_transaction,
)
from app.domain.charging.inbound.orphan import add_orphan, add_rfid_session
from app.domain.charging.inbound.supersede import supersede
from app.domain.charging.messages import ChargerRef, TransactionOpened, TransactionStart
from app.domain.charging.running_cost import refresh_cost
from app.domain.charging.states import STARTING, Authorization, SessionState
from app.domain.charging.tables import ChargingSession, UnboundTransaction, transaction_numbers
from app.domain.reservations.others import reserved_for_other
from app.domain.stations.tables import Charger, Evse
from app.kit.ids import new_id

_STARTABLE = STARTING | {SessionState.FAILED, SessionState.CANCELLED}


async def open_transaction(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, start: TransactionStart
) -> TransactionOpened:
    """Answer a start (1.6 StartTransaction; 2.x TransactionEvent with a token). Idempotent by content."""
    # The lock comes first: the same start over two sockets at once must find what the other one made.
    evse = await find_evse(uow, ref, start.evse_no, lock=True)
    if evse is None:
        await uow.session.get_one(Charger, ref.charger_id, with_for_update=True)
    key = _start_key(start)
    known = await _known(uow, ref, start, key)
    if known is not None and known.started_at is not None:
        return _answer(known)
    if known is None and start.transaction_id and start.id_token is None and start.remote_start_id is None:
        return await _note_unbound(uow, ref, start, start.transaction_id)
    transaction_id = start.transaction_id or str(await uow.session.scalar(transaction_numbers.next_value()))
    session = known or await asked_for_session(uow, ref, id_token=start.id_token, remote_start_id=start.remote_start_id)
    if session is not None and session.state in _STARTABLE:
        await _start_asked_for(uow, deps, session, evse, replace(start, transaction_id=transaction_id))
    else:
        session = await _start_unasked(uow, deps, ref, evse, replace(start, transaction_id=transaction_id))
    session.start_key = key if start.transaction_id is None else None
    await refresh_cost(uow, session, deps.settings, deps.clock.now())
    await uow.session.flush()
    return _answer(session)


async def _known(uow: UnitOfWork, ref: ChargerRef, start: TransactionStart, key: str) -> ChargingSession | None:
    """Return the session this start made before, or (2.x, not begun) the one whose remote start named its id."""
    if start.transaction_id is not None:
        return await session_by_transaction(uow, ref, start.transaction_id)
    return await uow.session.scalar(
        select(ChargingSession).where(ChargingSession.charger_id == ref.charger_id, ChargingSession.start_key == key)
    )


async def _note_unbound(
    uow: UnitOfWork, ref: ChargerRef, start: TransactionStart, transaction_id: str
) -> TransactionOpened:
    """Note a transaction that opened before anyone was authorised; billing begins when someone is."""
    await uow.session.execute(
        insert(UnboundTransaction)
        .values(
            id=new_id(),
            tenant_id=uow.tenant_id,
            charger_id=ref.charger_id,
            transaction_id=transaction_id,
            evse_no=start.evse_no,
            connector_no=start.connector_no,
            opened_at=start.at,
            register_wh=start.meter_start_wh,
        )
        .on_conflict_do_nothing(index_elements=["charger_id", "transaction_id"])
    )
    return TransactionOpened(transaction_id=transaction_id, authorization=Authorization.ACCEPTED, session_id=None)


def _start_key(start: TransactionStart) -> str:
    """Return what a resent start has in common with the first (OCPP 1.6 StartTransaction has no id of its own)."""
    parts = (start.evse_no, (start.id_token or "").upper(), start.at.isoformat(), start.meter_start_wh)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _answer(session: ChargingSession) -> TransactionOpened:
    return TransactionOpened(
        transaction_id=session.ocpp_transaction_id or "",
        authorization=session.refused_as or Authorization.ACCEPTED,
        session_id=session.id,
    )


async def _start_asked_for(
    uow: UnitOfWork, deps: Inbound, session: ChargingSession, evse: Evse | None, start: TransactionStart
) -> None:
    """Bind a start to its session; whatever else still claims the EVSE gives way."""
    if evse is not None:
        other = await live_session(uow, evse)
        if other is not None and other.id != session.id:
            if other.started_at is not None and (start.offline or is_before(start.at, other)):
                # It was queued while another charge began and went on: both are true, neither stops the other.
                session.historical = True
            else:
                await supersede(uow, other, start.at)
        session.evse_id = evse.id
    await activate(uow, deps, session, start, start.transaction_id or "")


async def _start_unasked(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, evse: Evse | None, start: TransactionStart
) -> ChargingSession:
    """Start by a card at the charger; without a valid one the transaction is kept as an orphan."""
    decision = await _decide(uow, deps, evse, start)
    running = await live_session(uow, evse) if evse is not None else None
    historical = running is not None and (start.offline or is_before(start.at, running))
    if decision.authorization is not Authorization.ACCEPTED or evse is None:
        return await add_orphan(uow, deps, ref, evse, start, decision)
    if running is not None and not historical:
        await supersede(uow, running, start.at)
    return await add_rfid_session(uow, deps, ref, evse, start, decision, historical=historical)


async def _decide(uow: UnitOfWork, deps: Inbound, evse: Evse | None, start: TransactionStart) -> TokenDecision:
    if not start.id_token:
        return TokenDecision(Authorization.INVALID)
    decision = await decide(uow, deps, start.id_token.strip().upper())
    if decision.authorization is not Authorization.ACCEPTED or start.offline:
        return decision  # a charger that was offline could not ask: what it delivered is not refused afterwards
    if evse is not None and await reserved_for_other(uow, evse.id, decision.driver_id, start.at):
        return replace(decision, authorization=Authorization.BLOCKED)
    if decision.id_token_id is not None:
        busy = await other_active_session(uow, decision.id_token_id, evse.id if evse else None)
        if busy is not None:
            return replace(decision, authorization=Authorization.CONCURRENT_TX)
    return decision
