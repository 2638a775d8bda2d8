"""A transaction ended. Always acknowledged: an unknown stop goes to quarantine, a second one changes nothing."""

from datetime import datetime

from sqlalchemy import or_, select

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.authorize import authorize, authorize_within, own_tokens
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.find import session_by_transaction, unbound_transaction
from app.domain.charging.inbound.quarantine import quarantine
from app.domain.charging.inbound.readings import Origin, apply_readings
from app.domain.charging.inbound.update_transaction import begin_named, note_sequence
from app.domain.charging.messages import ChargerRef, TransactionEnd
from app.domain.charging.metering import IMPLAUSIBLE
from app.domain.charging.progress import move, publish
from app.domain.charging.rating import has_parking_price, load_record
from app.domain.charging.remeter import remeter
from app.domain.charging.running_cost import refresh_cost
from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind, MeterReading, SessionRating
from app.domain.charging.unplug import begin_settling
from app.domain.pricing.store import tariff_of
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Evse

_NO_IDS = frozenset({"-1", "0"})
"""Ids of chargers that never learned theirs (an offline start)."""


async def end_transaction(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, end: TransactionEnd) -> Authorization | None:
    """End the session of a transaction; return a decision about the stop's token where it carried one.

    The stop itself is never refused (OCPP 1.6 §4.10: the Central System cannot prevent a transaction from stopping).
    """
    session = await session_by_transaction(uow, ref, end.transaction_id)
    if session is None and end.transaction_id in _NO_IDS:
        session = await _only_candidate(uow, ref, end)
    if session is None:
        if not await _ended_unauthorised(uow, deps, ref, end):
            await _keep_unknown(uow, deps, ref, end)
        return await authorize(uow, deps, ref, end.id_token) if end.id_token else None
    if session.started_at is None:
        await begin_named(uow, deps, ref, end)
    await note_sequence(uow, ref, session, end.seq_no)
    origin = Origin(ref, end.evse_no, session.ocpp_transaction_id, session)
    await apply_readings(uow, deps, origin, end.readings)
    if session.state is SessionState.ACTIVE:
        await _end(uow, deps, session, end)
    elif await _may_amend(uow, session):
        await _amend(uow, deps, session, end)
    elif _differs(session, end):
        await quarantine(
            uow, ref, "TransactionEnd", end.raw, "a later stop differs from the one that ended the session"
        )
    return await authorize_within(uow, session, end.id_token) if end.id_token else None


async def _only_candidate(uow: UnitOfWork, ref: ChargerRef, end: TransactionEnd) -> ChargingSession | None:
    """Return the one active session a stop without an id can mean: same token, begun before, register not below."""
    candidates = await uow.session.scalars(
        select(ChargingSession)
        .where(
            ChargingSession.charger_id == ref.charger_id,
            ChargingSession.state == SessionState.ACTIVE,
            ChargingSession.started_at <= end.at,
        )
        .with_for_update()
    )
    fitting = [session for session in candidates if await _fits(uow, session, end)]
    return fitting[0] if len(fitting) == 1 else None


async def _fits(uow: UnitOfWork, session: ChargingSession, end: TransactionEnd) -> bool:
    if end.meter_stop_wh is not None and end.meter_stop_wh < (session.meter_start_wh or 0):
        return False
    if end.id_token is None:
        return False
    return end.id_token.strip().upper() in await own_tokens(uow, session)


async def _ended_unauthorised(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, end: TransactionEnd) -> bool:
    """Whether the end is that of a transaction in which nobody was authorised and no energy flowed."""
    unbound = await unbound_transaction(uow, ref, end.transaction_id)
    if unbound is None:
        return False
    await apply_readings(uow, deps, Origin(ref, end.evse_no, end.transaction_id, None), end.readings)
    stored = await uow.session.scalars(
        select(MeterReading.register_wh).where(
            MeterReading.charger_id == ref.charger_id,
            MeterReading.transaction_id == end.transaction_id,
            MeterReading.register_wh.is_not(None),
        )
    )
    registers = {unbound.register_wh, end.meter_stop_wh, *stored} - {None}
    return len(registers) <= 1


async def _keep_unknown(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, end: TransactionEnd) -> None:
    await quarantine(
        uow,
        ref,
        "TransactionEnd",
        end.raw | {"transactionId": end.transaction_id},
        "no session of this charger has this transaction id",
        IncidentKind.UNKNOWN_STOP,
    )
    await apply_readings(uow, deps, Origin(ref, end.evse_no, end.transaction_id, None), end.readings)


def _differs(session: ChargingSession, end: TransactionEnd) -> bool:
    return end.meter_stop_wh is not None and session.meter_stop_wh != end.meter_stop_wh


async def _end(uow: UnitOfWork, deps: Inbound, session: ChargingSession, end: TransactionEnd) -> None:
    stopped_at = max(end.at, session.started_at or end.at)
    await _set_final_energy(uow, session, end)
    session.energy_ended_at = stopped_at
    session.stop_reason = session.stop_requested_reason or end.reason
    session.power_w = 0
    session.charging_state = None
    await refresh_cost(uow, session, deps.settings, deps.clock.now())
    unplugged_at = await _unplugged_before(uow, session)
    told = end.unplugged or end.offline or session.historical or unplugged_at is not None
    if told or not await _parking_costs(uow, session):
        session.ended_at = max(stopped_at, unplugged_at or stopped_at)
        await begin_settling(uow, session)
    else:
        session.deadline_at = stopped_at + deps.settings.parking_cap
        await move(uow, session, SessionState.PARKING)


async def _unplugged_before(uow: UnitOfWork, session: ChargingSession) -> datetime | None:
    """Return since when the EVSE is free again: some chargers tell that the car has gone before they tell the stop."""
    evse = await uow.session.get(Evse, session.evse_id, populate_existing=True) if session.evse_id else None
    if evse is None or evse.status is not EvseStatus.AVAILABLE or evse.status_at is None:
        return None
    began = session.started_at
    return evse.status_at if began is not None and evse.status_at > began else None


async def _may_amend(uow: UnitOfWork, session: ChargingSession) -> bool:
    """Whether a lost stop that arrives after all still changes the bill: only before it was rated."""
    if session.state is not SessionState.SETTLING or not session.energy_estimated:
        return False
    rated = await uow.session.scalar(select(SessionRating.id).where(SessionRating.session_id == session.id))
    return rated is None


async def _amend(uow: UnitOfWork, deps: Inbound, session: ChargingSession, end: TransactionEnd) -> None:
    """A stop that was given up for lost arrives before the bill: its figures replace the estimate, once."""
    session.energy_ended_at = max(end.at, session.started_at or end.at)
    session.ended_at = session.energy_ended_at
    await _set_final_energy(uow, session, end)
    await refresh_cost(uow, session, deps.settings, deps.clock.now())
    await publish(uow, session, "session.amended")
    await uow.enqueue("session.settle", {"session": str(session.id)}, dedupe_key=f"settle:{session.id}")


async def _set_final_energy(uow: UnitOfWork, session: ChargingSession, end: TransactionEnd) -> None:
    meter_stop = end.meter_stop_wh
    if meter_stop is None:
        meter_stop = await _closing_register(uow, session)
    session.meter_stop_wh = meter_stop
    await uow.session.flush()
    await remeter(uow, session, stopped_at=max(end.at, session.started_at or end.at), meter_stop_wh=meter_stop)


async def _closing_register(uow: UnitOfWork, session: ChargingSession) -> int | None:
    """Return the register of the reading that the charger took at the end (context Transaction.End)."""
    register: int | None = await uow.session.scalar(
        select(MeterReading.register_wh)
        .where(
            MeterReading.session_id == session.id,
            MeterReading.context == "Transaction.End",
            MeterReading.register_wh.is_not(None),
            or_(MeterReading.suspect_reason.is_(None), MeterReading.suspect_reason.startswith(IMPLAUSIBLE)),
        )
        .order_by(MeterReading.taken_at.desc())
        .limit(1)
    )
    return register


async def _parking_costs(uow: UnitOfWork, session: ChargingSession) -> bool:
    if session.tariff_snapshot_id is None or session.free_of_charge:
        return False
    return has_parking_price(tariff_of((await load_record(uow.session, session)).snapshot))
