"""Whether any energy can have flowed in a session, by everything that its charger said of it."""

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.tables import ChargingSession, MeterReading


async def energy_flowed(uow: UnitOfWork, session: ChargingSession) -> bool:
    """Return whether the session's registers differ or a reading shows power, be it a suspect one.

    A register that fell counts as well: what it means is not for the program to decide.
    """
    readings = await uow.session.execute(
        select(MeterReading.register_wh, MeterReading.power_w).where(MeterReading.session_id == session.id)
    )
    registers = {session.meter_start_wh, session.meter_stop_wh}
    for register_wh, power_w in readings:
        registers.add(register_wh)
        if power_w:
            return True
    return session.energy_wh > 0 or len(registers - {None}) > 1
