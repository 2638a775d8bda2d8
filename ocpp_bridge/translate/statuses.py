"""Statuses of connectors, charging states and authorisation decisions between the wire and the domain."""

from app.domain.charging.states import Authorization, ChargingState
from app.domain.stations.states import EvseStatus, RegistrationStatus

STATUS_16: dict[str, tuple[EvseStatus, ChargingState | None]] = {
    "Available": (EvseStatus.AVAILABLE, None),
    "Preparing": (EvseStatus.OCCUPIED, None),
    "Charging": (EvseStatus.CHARGING, ChargingState.CHARGING),
    "SuspendedEV": (EvseStatus.OCCUPIED, ChargingState.SUSPENDED_EV),
    "SuspendedEVSE": (EvseStatus.OCCUPIED, ChargingState.SUSPENDED_EVSE),
    "Finishing": (EvseStatus.OCCUPIED, ChargingState.IDLE),
    "Reserved": (EvseStatus.RESERVED, None),
    "Unavailable": (EvseStatus.UNAVAILABLE, None),
    "Faulted": (EvseStatus.FAULTED, None),
}
"""ChargePointStatus of OCPP 1.6 (§7.7)."""

STATUS_2: dict[str, EvseStatus] = {
    "Available": EvseStatus.AVAILABLE,
    "Occupied": EvseStatus.OCCUPIED,
    "Reserved": EvseStatus.RESERVED,
    "Unavailable": EvseStatus.UNAVAILABLE,
    "Faulted": EvseStatus.FAULTED,
}
"""ConnectorStatusEnumType of OCPP 2.x."""

CHARGING_STATE_2: dict[str, ChargingState] = {
    "Charging": ChargingState.CHARGING,
    "EVConnected": ChargingState.EV_CONNECTED,
    "SuspendedEV": ChargingState.SUSPENDED_EV,
    "SuspendedEVSE": ChargingState.SUSPENDED_EVSE,
    "Idle": ChargingState.IDLE,
}
"""ChargingStateEnumType of OCPP 2.x."""

REGISTRATION = {
    RegistrationStatus.ACCEPTED: "Accepted",
    RegistrationStatus.PENDING: "Pending",
    RegistrationStatus.REJECTED: "Rejected",
}
"""RegistrationStatus of all versions."""


def authorization_16(decision: Authorization) -> str:
    """Return AuthorizationStatus of OCPP 1.6 (§7.2), which has no word for missing credit."""
    return Authorization.BLOCKED.value if decision is Authorization.NO_CREDIT else decision.value


def authorization_2(decision: Authorization) -> str:
    """Return AuthorizationStatusEnumType of OCPP 2.x."""
    return decision.value
