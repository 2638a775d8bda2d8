"""Meter readings: stored whatever they say, folded into the session they belong to, checked against its limits.

Nothing is dropped: a reading without a session stays unassigned with its transaction id. A reading is stored once
however often it comes. Late readings join an ended session as evidence and never reopen it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.find import find_evse, live_session, session_by_transaction
from app.domain.charging.inbound.heard import heard
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef, Reading, ReadingsReport
from app.domain.charging.metering import MeteredEnergy, RegisterReading, SegmentMeter
from app.domain.charging.progress import publish
from app.domain.charging.remeter import flag_implausible
from app.domain.charging.running_cost import refresh_cost
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind, MeterReading
from app.domain.stations.tables import Evse
from app.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Origin:
    """Where readings come from and which session, if any, they belong to."""

    ref: ChargerRef
    evse_no: int | None
    transaction_id: str | None
    session: ChargingSession | None


async def record_readings(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, report: ReadingsReport) -> None:
    """Store a charger's readings: bound by transaction id, else by EVSE and time, else unassigned."""
    session = await session_by_transaction(uow, ref, report.transaction_id)
    if session is None:
        evse = await find_evse(uow, ref, report.evse_no)
        candidate = await live_session(uow, evse) if evse is not None else None
        if candidate is not None and _covers(candidate, report.readings):
            session = candidate
    await apply_readings(uow, deps, Origin(ref, report.evse_no, report.transaction_id, session), report.readings)


def _covers(session: ChargingSession, readings: Sequence[Reading]) -> bool:
    """Whether unnamed readings lie within a session's time; a session that has not begun has no readings."""
    return session.started_at is not None and all(reading.taken_at >= session.started_at for reading in readings)


async def apply_readings(uow: UnitOfWork, deps: Inbound, origin: Origin, readings: Sequence[Reading]) -> None:
    """Store readings and let them advance an active session's energy and cost, and its limits stop it."""
    session = origin.session
    advanced = False
    if session is not None and session.state is SessionState.ACTIVE:
        heard(session, *(reading.received_at for reading in readings))
    for reading in sorted(readings, key=lambda item: item.taken_at):
        if session is not None and session.state is SessionState.ACTIVE:
            metered = await _fold(uow, session, reading)
            if await _store(uow, origin, reading, metered):
                advanced = True
                _show(session, reading)
                await _flag(uow, origin.ref, session, metered)
        else:
            await _store(uow, origin, reading, None)
    if session is not None and advanced:
        await refresh_cost(uow, session, deps.settings, deps.clock.now())
        await publish(uow, session, "session.progress")


async def _fold(uow: UnitOfWork, session: ChargingSession, reading: Reading) -> MeteredEnergy | None:
    """Return the session's energy at a reading; None where it has no register or is not the newest."""
    if reading.register_wh is None:
        return None
    if reading.suspect_reason is not None:
        return MeteredEnergy(reading.taken_at, session.energy_wh, suspect_reason=reading.suspect_reason)
    if session.meter_last_wh is None:
        session.meter_start_wh = session.meter_last_wh = reading.register_wh
        session.meter_last_at = reading.taken_at
        return MeteredEnergy(reading.taken_at, 0)
    since = session.meter_last_at or session.started_at or reading.taken_at
    if reading.taken_at < since:
        return None
    power, last = await _max_power(uow, session), RegisterReading(since, session.meter_last_wh)
    register = RegisterReading(reading.taken_at, reading.register_wh)
    metered = SegmentMeter(power, last, session.energy_wh).add(register)
    if metered.suspect_reason is None:
        return metered
    return SegmentMeter(power, last, session.energy_wh, await _before_fall(uow, session, last)).add(register)


async def _before_fall(uow: UnitOfWork, session: ChargingSession, last: RegisterReading) -> RegisterReading | None:
    """Return the accepted reading before the last one, where the last one fell below it."""
    row = (
        await uow.session.execute(
            select(MeterReading.taken_at, MeterReading.register_wh)
            .where(
                MeterReading.session_id == session.id,
                MeterReading.energy_wh.is_not(None),
                MeterReading.register_wh.is_not(None),
                MeterReading.taken_at < last.taken_at,
            )
            .order_by(MeterReading.taken_at.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is not None:
        before = RegisterReading(row[0], row[1] or 0)
    elif session.started_at is not None and session.meter_start_wh is not None:
        before = RegisterReading(session.started_at, session.meter_start_wh)
    else:
        return None
    return before if before.register_wh > last.register_wh else None


async def _max_power(uow: UnitOfWork, session: ChargingSession) -> int | None:
    evse = await uow.session.get(Evse, session.evse_id) if session.evse_id else None
    return evse.max_power_w if evse else None


async def _store(uow: UnitOfWork, origin: Origin, reading: Reading, metered: MeteredEnergy | None) -> bool:
    """Insert a reading; return False where the same one is there already. Advances the session with a new one."""
    session = origin.session
    suspect = (metered.suspect_reason if metered else None) or reading.suspect_reason
    samples = json.dumps(reading.samples, sort_keys=True, default=str)
    digest = hashlib.sha256(
        f"{origin.evse_no}|{origin.transaction_id}|{reading.context}|{samples}".encode()
    ).hexdigest()
    inserted = await uow.session.execute(
        insert(MeterReading)
        .values(
            id=new_id(),
            tenant_id=uow.tenant_id,
            session_id=session.id if session else None,
            charger_id=origin.ref.charger_id,
            transaction_id=origin.transaction_id,
            evse_no=origin.evse_no,
            taken_at=reading.taken_at,
            raw_timestamp=reading.raw_timestamp,
            received_at=reading.received_at,
            context=reading.context,
            register_wh=reading.register_wh,
            energy_wh=metered.energy_wh if metered and not suspect else None,
            power_w=reading.power_w,
            soc_percent=reading.soc_percent,
            suspect_reason=suspect,
            samples=reading.samples,
            digest=digest,
        )
        .on_conflict_do_nothing(index_elements=["charger_id", "taken_at", "digest"])
        .returning(MeterReading.id)
    )
    if inserted.scalar_one_or_none() is None:
        return False
    if session is not None and metered is not None and not suspect:
        session.meter_last_wh = reading.register_wh
        session.meter_last_at = reading.taken_at
        session.energy_wh = metered.energy_wh
    return True


def _show(session: ChargingSession, reading: Reading) -> None:
    """Show the newest power and state of charge; a reading older than the shown one changes nothing."""
    if session.last_reading_at is not None and reading.taken_at < session.last_reading_at:
        return
    if reading.power_w is not None:
        session.power_w = reading.power_w
    if reading.soc_percent is not None:
        session.soc_percent = reading.soc_percent
    session.last_reading_at = reading.taken_at


async def _flag(uow: UnitOfWork, ref: ChargerRef, session: ChargingSession, metered: MeteredEnergy | None) -> None:
    if metered is None:
        return
    if metered.fell:
        await open_incident(
            uow,
            IncidentKind.METER_FELL,
            str(session.id),
            {"at": metered.taken_at.isoformat(), "energyWh": metered.energy_wh},
            charger_id=ref.charger_id,
            session_id=session.id,
        )
    await flag_implausible(uow, session, metered)
