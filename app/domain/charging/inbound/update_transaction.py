"""Changes within a 2.x transaction: authorisation that comes after the cable, charging state, readings, missing
numbers.
"""

from sqlalchemy import select, update

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.find import session_by_transaction, unbound_transaction
from app.domain.charging.inbound.open_transaction import open_transaction
from app.domain.charging.inbound.readings import Origin, apply_readings
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef, TransactionStart, TransactionUpdate
from app.domain.charging.phases import enter_phase
from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind, MeterReading


async def update_transaction(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, change: TransactionUpdate
) -> Authorization | None:
    """Apply an update; return the decision where it carried a token. An ended session is never reopened."""
    session = await session_by_transaction(uow, ref, change.transaction_id)
    authorization = None
    if session is None and (change.id_token is not None or change.remote_start_id is not None):
        authorization, session = await _authorise_now(uow, deps, ref, change)
    elif session is not None and change.id_token is not None:
        authorization = Authorization.ACCEPTED
    if session is not None:
        await note_sequence(uow, ref, session, change.seq_no)
        if change.charging_state is not None and session.state is SessionState.ACTIVE:
            await enter_phase(uow, session, change.charging_state, change.at)
    await apply_readings(uow, deps, Origin(ref, change.evse_no, change.transaction_id, session), change.readings)
    return authorization


async def _authorise_now(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, change: TransactionUpdate
) -> tuple[Authorization, ChargingSession | None]:
    """Begin the session of a transaction that opened before anyone was authorised (cable first).

    Billing begins now: the register as last read before this instant is the baseline.
    """
    unbound = await unbound_transaction(uow, ref, change.transaction_id)
    baseline = await _baseline(uow, ref, change)
    if baseline is None and unbound is not None:
        baseline = unbound.register_wh
    opened = await open_transaction(
        uow,
        deps,
        ref,
        TransactionStart(
            evse_no=change.evse_no if unbound is None else unbound.evse_no,
            connector_no=change.connector_no if unbound is None else unbound.connector_no,
            transaction_id=change.transaction_id,
            id_token=change.id_token,
            remote_start_id=change.remote_start_id,
            reservation_id=change.reservation_id,
            meter_start_wh=baseline,
            at=change.at,
            received_at=change.received_at,
            offline=change.offline,
            raw=change.raw,
        ),
    )
    session = await session_by_transaction(uow, ref, change.transaction_id)
    if session is not None:
        await _adopt_readings(uow, ref, session)
    return opened.authorization, session


async def _baseline(uow: UnitOfWork, ref: ChargerRef, change: TransactionUpdate) -> int | None:
    """Return the register last read in the transaction up to this message."""
    known = [reading.register_wh for reading in change.readings if reading.register_wh is not None]
    register: int | None = await uow.session.scalar(
        select(MeterReading.register_wh)
        .where(
            MeterReading.charger_id == ref.charger_id,
            MeterReading.transaction_id == change.transaction_id,
            MeterReading.register_wh.is_not(None),
            MeterReading.taken_at <= change.at,
        )
        .order_by(MeterReading.taken_at.desc())
        .limit(1)
    )
    return register if register is not None else (known[0] if known else None)


async def note_sequence(uow: UnitOfWork, ref: ChargerRef, session: ChargingSession, seq_no: int | None) -> None:
    """Follow a transaction's seqNo (2.0.1 E01); a gap is an incident, a repeat or an all-zero charger is not."""
    if seq_no is None:
        return
    last = session.last_seq_no
    if last is not None and seq_no > last + 1:
        session.seq_no_gap = True
        await open_incident(
            uow,
            IncidentKind.SEQUENCE_GAP,
            f"{session.id}:{last}",
            {"after": last, "got": seq_no},
            charger_id=ref.charger_id,
            session_id=session.id,
        )
    session.last_seq_no = seq_no if last is None else max(last, seq_no)


async def _adopt_readings(uow: UnitOfWork, ref: ChargerRef, session: ChargingSession) -> None:
    """Bind the readings that came under a session's transaction before the session did."""
    await uow.session.execute(
        update(MeterReading)
        .where(
            MeterReading.charger_id == ref.charger_id,
            MeterReading.transaction_id == session.ocpp_transaction_id,
            MeterReading.session_id.is_(None),
        )
        .values(session_id=session.id)
    )
