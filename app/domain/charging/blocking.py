"""Since when a session's authorisation is over: a car that is still connected then only blocks the place.

OCPP 2.0.1 with TxStopPoint EVConnected or ParkingBayOccupancy goes on with the transaction after the driver's stop and
reports EVConnected until the car leaves. Before that EVConnected means a charger or car that has not begun.
"""

from collections.abc import Sequence
from datetime import datetime

from app.domain.charging.states import ChargingState
from app.domain.charging.tables import ChargingSession, SessionPhase
from app.domain.tariffs import StateChange, StretchState

_STRETCH_STATES = {
    ChargingState.CHARGING: StretchState.CHARGING,
    ChargingState.EV_CONNECTED: StretchState.SUSPENDED_EVSE,
    ChargingState.SUSPENDED_EV: StretchState.PARKED,
    ChargingState.SUSPENDED_EVSE: StretchState.SUSPENDED_EVSE,
    ChargingState.IDLE: StretchState.PARKED,
}


def authorisation_over_at(session: ChargingSession) -> datetime | None:
    """Return when the stop was asked for or the charger told that the authorisation ended, whichever came first."""
    known = [at for at in (session.authorisation_ended_at, session.stop_requested_at) if at is not None]
    return min(known, default=None)


def rated_states(session: ChargingSession, phases: Sequence[SessionPhase]) -> list[StateChange]:
    """Return what a session's phases, in order of time, are rated as.

    EV_CONNECTED costs nothing until the authorisation is over and is parking from then on. SUSPENDED_EVSE never costs:
    it is also what a fault is noted as, and a cable that a faulted charger holds is not the driver's doing.
    """
    over = authorisation_over_at(session)
    states: list[StateChange] = []
    for index, phase in enumerate(phases):
        states.append(StateChange(phase.began_at, _STRETCH_STATES[phase.charging_state]))
        if phase.charging_state is ChargingState.EV_CONNECTED and over is not None:
            parked_from = max(phase.began_at, over)
            if index + 1 == len(phases) or parked_from < phases[index + 1].began_at:
                states.append(StateChange(parked_from, StretchState.PARKED))
    return states
