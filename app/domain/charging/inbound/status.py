"""What an EVSE can do now, as its charger reports it: live status, unplugging, faults during a charge."""

from app.db.uow import UnitOfWork
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.find import find_evse, live_session
from app.domain.charging.incidents import open_incident
from app.domain.charging.messages import ChargerRef, StatusReport
from app.domain.charging.phases import enter_phase
from app.domain.charging.states import ChargingState, SessionState
from app.domain.charging.tables import ChargingSession, IncidentKind
from app.domain.charging.unplug import finish_parking
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger, Evse, Location


async def report_status(uow: UnitOfWork, deps: Inbound, ref: ChargerRef, report: StatusReport) -> None:
    """Store a status. One that is older than what is known, or of an EVSE that is not, is only logged as an event."""
    evse = await find_evse(uow, ref, report.evse_no, lock=True)
    if evse is None:
        await _report_charger_status(uow, ref, report)
        return
    # After a reconnect nothing is known: the charger may tell when the status began, before it was last told.
    stale = evse.status_at is not None and report.at < evse.status_at and evse.status is not EvseStatus.UNKNOWN
    if not stale:
        evse.status = report.status
        evse.ocpp_status = report.ocpp_status
        evse.status_at = report.at
        evse.fault_code = report.error_code if report.status is EvseStatus.FAULTED else None
    evse.last_seen_at = report.received_at
    await uow.record(evse, "evse.status", _payload(evse, report, stale=stale))
    session = await live_session(uow, evse)
    if session is not None and not stale:
        await _tell_session(uow, deps, ref, evse, session, report)


def _payload(evse: Evse, report: StatusReport, *, stale: bool) -> dict[str, object]:
    return {
        "status": evse.status.value,
        "ocppStatus": report.ocpp_status,
        "errorCode": report.error_code,
        "at": report.at.isoformat(),
        "stale": stale,
    }


async def _report_charger_status(uow: UnitOfWork, ref: ChargerRef, report: StatusReport) -> None:
    charger = await uow.session.get_one(Charger, ref.charger_id, with_for_update=True)
    if not report.evse_no:  # an EVSE that is not known says nothing of the whole charger
        charger.fault_code = report.error_code if report.status is EvseStatus.FAULTED else None
    charger.last_seen_at = report.received_at
    await uow.record(
        charger,
        "charger.status",
        {"status": report.status.value, "errorCode": report.error_code, "evseNo": report.evse_no},
    )


async def _tell_session(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, evse: Evse, session: ChargingSession, report: StatusReport
) -> None:
    if report.charging_state is not None and session.state is SessionState.ACTIVE:
        await enter_phase(uow, session, report.charging_state, report.at)
    if report.status is EvseStatus.AVAILABLE and session.state is SessionState.PARKING:
        await finish_parking(uow, session, report.at)
    if report.status is EvseStatus.FAULTED and session.state is SessionState.ACTIVE:
        await _tell_fault(uow, deps, ref, evse, session, report)


async def _tell_fault(
    uow: UnitOfWork, deps: Inbound, ref: ChargerRef, evse: Evse, session: ChargingSession, report: StatusReport
) -> None:
    error_code = report.error_code or "OtherError"
    await enter_phase(uow, session, ChargingState.SUSPENDED_EVSE, report.at)
    await open_incident(
        uow,
        IncidentKind.CHARGER_FAULT,
        f"{session.id}:{error_code}",
        {"evse": str(evse.id), "errorCode": error_code},
        charger_id=ref.charger_id,
        session_id=session.id,
    )
    if session.driver_id is None:
        return
    location = await uow.session.get_one(Location, evse.location_id)
    await deps.notifier.notify(
        uow,
        driver_id=session.driver_id,
        kind="CHARGER_FAULT",
        payload={
            "session_id": session.id,
            "location_name": location.name,
            "evse_code": evse.evse_code or evse.source_uid,
            "error_code": error_code,
        },
        dedupe_key=f"fault:{session.id}:{error_code}",
    )
