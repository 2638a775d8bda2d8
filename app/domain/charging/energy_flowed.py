"""Whether any energy can have flowed in a session, by everything that its charger said of it."""

from sqlalchemy import ColumnElement, and_, or_, select

from app.db.uow import UnitOfWork
from app.domain.charging.tables import ChargingSession, MeterReading
from app.domain.stations.tables import Evse


async def energy_flowed(uow: UnitOfWork, session: ChargingSession) -> bool:
    """Return whether the session's registers differ or a reading shows power, be it a suspect one.

    A register that fell counts as well: what it means is not for the program to decide. Where no stop told the
    register, the EVSE's readings that named no transaction (clock-aligned ones) are asked, too.
    """
    belongs = MeterReading.session_id == session.id
    if session.meter_stop_wh is None:
        belongs = or_(belongs, await _unnamed(uow, session))
    readings = await uow.session.execute(select(MeterReading.register_wh, MeterReading.power_w).where(belongs))
    registers = {session.meter_start_wh, session.meter_stop_wh}
    for register_wh, power_w in readings:
        registers.add(register_wh)
        if power_w:
            return True
    return session.energy_wh > 0 or len(registers - {None}) > 1


async def _unnamed(uow: UnitOfWork, session: ChargingSession) -> ColumnElement[bool]:
    evse = await uow.session.get(Evse, session.evse_id) if session.evse_id else None
    return and_(
        MeterReading.session_id.is_(None),
        MeterReading.charger_id == session.charger_id,
        MeterReading.evse_no == (evse.ocpp_evse_no if evse else None),
        MeterReading.taken_at >= session.started_at,
    )
