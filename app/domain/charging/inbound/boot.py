"""A charger introduces itself: what it says is stored, and stops that waited for it are sent."""

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.messages import BootReport, ChargerRef
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.stations.states import RegistrationStatus
from app.domain.stations.tables import Charger


async def register_boot(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, report: BootReport) -> RegistrationStatus:
    """Store a boot; return whether the charger belongs to the network (OCPP 1.6 §4.2, 2.0.1 B01–B03)."""
    charger = await uow.session.get_one(Charger, ref.charger_id, with_for_update=True)
    charger.vendor = report.vendor
    charger.model = report.model
    charger.serial_number = report.serial_number
    charger.firmware_version = report.firmware_version
    charger.ocpp_version = ref.version
    charger.booted_at = report.received_at
    charger.last_seen_at = report.received_at
    await uow.record(
        charger,
        "charger.booted",
        {"vendor": report.vendor, "model": report.model, "firmware": report.firmware_version, "reason": report.reason},
    )
    await send_waiting_stops(uow, ref)
    return charger.registration


async def send_waiting_stops(uow: UnitOfWork, ref: ChargerRef) -> None:
    """Enqueue the stops that drivers asked for while the charger was offline."""
    waiting = select(ChargingSession.id).where(
        ChargingSession.charger_id == ref.charger_id,
        ChargingSession.state == SessionState.ACTIVE,
        ChargingSession.stop_requested_at.is_not(None),
    )
    for session_id in await uow.session.scalars(waiting):
        await uow.enqueue("session.stop_charger", {"session": str(session_id)}, dedupe_key=f"stop:{session_id}")
