"""The final energy of a session: all its readings put in order and folded once more, up to its stop."""

from datetime import datetime

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.incidents import open_incident
from app.domain.charging.metering import IMPLAUSIBLE, MeteredEnergy, RegisterReading, fold
from app.domain.charging.tables import ChargingSession, IncidentKind, MeterReading
from app.domain.stations.tables import Evse


async def remeter(
    uow: UnitOfWork, session: ChargingSession, *, stopped_at: datetime, meter_stop_wh: int | None
) -> None:
    """Set the session's final energy (Wh) from its start to its stop register.

    Readings after the stop stay as evidence. Without a stop register the last reading counts and the energy is
    marked as estimated. A stop that the EVSE could not have reached makes the session suspect: it is reviewed, not
    billed.
    """
    rows = await _rows(uow, session)
    start_wh = session.meter_start_wh
    if start_wh is None and rows:
        start_wh = session.meter_start_wh = rows[0].register_wh
    if start_wh is None or session.started_at is None:
        _without_baseline(session, meter_stop_wh)
        return
    evse = await uow.session.get(Evse, session.evse_id) if session.evse_id else None
    registers = [RegisterReading(row.taken_at, row.register_wh or 0) for row in rows if row.taken_at <= stopped_at]
    if meter_stop_wh is not None:
        registers.append(RegisterReading(max(stopped_at, session.started_at), meter_stop_wh))
    metered, total = fold(RegisterReading(session.started_at, start_wh), registers, evse.max_power_w if evse else None)
    for row, energy in zip(rows, metered, strict=False):
        row.energy_wh = None if energy.suspect_reason else energy.energy_wh
        row.suspect_reason = energy.suspect_reason
    for row in rows[len(registers) - (meter_stop_wh is not None) :]:
        row.energy_wh = None
    for energy in metered:
        await flag_implausible(uow, session, energy)
    session.energy_wh = total
    session.energy_estimated = meter_stop_wh is None
    if metered and metered[-1].suspect_reason is not None:
        session.suspect = True
        session.suspect_reason = metered[-1].suspect_reason


async def flag_implausible(uow: UnitOfWork, session: ChargingSession, metered: MeteredEnergy) -> None:
    """Open the session's incident where a reading is not believed, or believed and yet to be looked at."""
    reason = metered.suspect_reason or metered.doubt
    if reason is None:
        return
    await open_incident(
        uow,
        IncidentKind.IMPLAUSIBLE_METER,
        str(session.id),
        {"at": metered.taken_at.isoformat(), "reason": reason, "believed": metered.suspect_reason is None},
        charger_id=session.charger_id,
        session_id=session.id,
    )


async def _rows(uow: UnitOfWork, session: ChargingSession) -> list[MeterReading]:
    query = select(MeterReading).where(
        MeterReading.session_id == session.id,
        MeterReading.register_wh.is_not(None),
    )
    rows = (await uow.session.scalars(query.order_by(MeterReading.taken_at, MeterReading.received_at))).all()
    from_start = session.started_at
    return [row for row in rows if (from_start is None or row.taken_at >= from_start) and _readable(row)]


def _readable(row: MeterReading) -> bool:
    """Whether a reading's value was read with certainty; what its unit or range left in doubt never bills."""
    return row.suspect_reason is None or row.suspect_reason.startswith(IMPLAUSIBLE)


def _without_baseline(session: ChargingSession, meter_stop_wh: int | None) -> None:
    session.energy_estimated = True
    if meter_stop_wh:
        session.suspect = True
        session.suspect_reason = "the register at the start is not known"
