"""Changes within a 2.x transaction: late authorisation (cable first) and its end, charging state, readings, gaps."""

from datetime import datetime

from sqlalchemy import select, update

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.authorize import authorize_within
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.find import session_by_transaction, unbound_transaction
from app.domain.charging.inbound.heard import heard
from app.domain.charging.inbound.open_transaction import open_transaction
from app.domain.charging.inbound.readings import Origin, apply_readings
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef, TransactionEnd, TransactionStart, TransactionUpdate
from app.domain.charging.phases import enter_phase
from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind, MeterReading


async def update_transaction(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, change: TransactionUpdate
) -> Authorization | None:
    """Apply an update; return the decision where it carried a token. An ended session is never reopened."""
    session = await session_by_transaction(uow, ref, change.transaction_id)
    authorization = None
    named = session is not None and session.started_at is None
    if named or (session is None and (change.id_token is not None or change.remote_start_id is not None)):
        authorization, session = await _authorise_now(uow, deps, ref, change)
    elif session is not None and change.id_token is not None:
        authorization = await authorize_within(uow, session, change.id_token)
    if session is not None:
        await note_sequence(uow, ref, session, change.seq_no)
        if session.state is SessionState.ACTIVE:
            await _apply_state(uow, session, change)
    await apply_readings(uow, deps, Origin(ref, change.evse_no, change.transaction_id, session), change.readings)
    return authorization


async def _apply_state(uow: UnitOfWork, session: ChargingSession, change: TransactionUpdate) -> None:
    heard(session, change.received_at)
    ended = session.authorisation_ended_at
    if change.authorisation_ended and (ended is None or change.at < ended):
        session.authorisation_ended_at = change.at
    if change.charging_state is not None:
        await enter_phase(uow, session, change.charging_state, change.at)


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


async def begin_named(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, end: TransactionEnd) -> None:
    """Begin a session whose remote start named its transaction and of which the end is the first thing heard."""
    times = [reading.taken_at for reading in end.readings]
    at = min(times, default=end.at)
    change = TransactionUpdate(
        transaction_id=end.transaction_id,
        evse_no=end.evse_no,
        at=min(at, end.at),
        received_at=end.received_at,
        readings=end.readings,
        raw=end.raw,
    )
    await _authorise_now(uow, deps, ref, change)


async def _baseline(uow: UnitOfWork, ref: ChargerRef, change: TransactionUpdate) -> int | None:
    """Return the register last read in the transaction up to this message."""
    stored = await uow.session.execute(
        select(MeterReading.taken_at, MeterReading.register_wh)
        .where(
            MeterReading.charger_id == ref.charger_id,
            MeterReading.transaction_id == change.transaction_id,
            MeterReading.register_wh.is_not(None),
            MeterReading.suspect_reason.is_(None),
            MeterReading.taken_at <= change.at,
        )
        .order_by(MeterReading.taken_at.desc())
        .limit(1)
    )
    carried = [(item.taken_at, item.register_wh) for item in change.readings if item.suspect_reason is None]
    registers: list[tuple[datetime, int]] = [
        (at, register) for at, register in [*stored.all(), *carried] if register is not None
    ]
    before = [(at, register) for at, register in registers if at <= change.at]
    if before:
        return max(before)[1]
    return min(registers)[1] if registers else None


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
