"""The states of a charging session and which change to which, as pure data and one function.

    PENDING_PAYMENT ─► PENDING_ACTION ─► PENDING_CHARGER ─► START_UNCERTAIN
          │                  │                 │  │                │
          └──────────────────┴──► FAILED ◄─────┴──┼────────────────┤
                    (or CANCELLED by driver or operator)  ▼                ▼
                                               ACTIVE ◄────────────┘
                                                  │ ▲ (a charger that starts after all: FAILED or CANCELLED ─► ACTIVE)
                                                  ▼
                                 PARKING ─► SETTLING ─► COMPLETED
                                                │ ▲
                                                ▼ │  (an operator decides)
                                              REVIEW

PARKING is a car that blocks the place after its energy ended. SETTLING accepts late events. COMPLETED is billed, or
ended without anything to bill: a refused start in which no energy flowed, a review that was written off. REVIEW holds
what must not be billed automatically.
"""

from enum import StrEnum

from app.kit.errors import VoltlaneError


class SessionState(StrEnum):
    """Where a session stands."""

    PENDING_PAYMENT = "PENDING_PAYMENT"
    PENDING_ACTION = "PENDING_ACTION"
    PENDING_CHARGER = "PENDING_CHARGER"
    START_UNCERTAIN = "START_UNCERTAIN"
    ACTIVE = "ACTIVE"
    PARKING = "PARKING"
    SETTLING = "SETTLING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REVIEW = "REVIEW"


STARTING = frozenset(
    {
        SessionState.PENDING_PAYMENT,
        SessionState.PENDING_ACTION,
        SessionState.PENDING_CHARGER,
        SessionState.START_UNCERTAIN,
    }
)
"""The charge was asked for and has not begun."""

LIVE = STARTING | {SessionState.ACTIVE, SessionState.PARKING}
"""The session occupies its EVSE: at most one of these an EVSE."""

ENDED = frozenset(SessionState) - LIVE
"""The session no longer occupies its EVSE."""

_FAILABLE = {SessionState.FAILED, SessionState.CANCELLED}

_TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    SessionState.PENDING_PAYMENT: frozenset(
        {SessionState.PENDING_ACTION, SessionState.PENDING_CHARGER, SessionState.ACTIVE} | _FAILABLE
    ),
    SessionState.PENDING_ACTION: frozenset(
        {SessionState.PENDING_CHARGER, SessionState.PENDING_PAYMENT, SessionState.ACTIVE} | _FAILABLE
    ),
    SessionState.PENDING_CHARGER: frozenset({SessionState.START_UNCERTAIN, SessionState.ACTIVE} | _FAILABLE),
    SessionState.START_UNCERTAIN: frozenset({SessionState.ACTIVE} | _FAILABLE),
    SessionState.ACTIVE: frozenset({SessionState.PARKING, SessionState.SETTLING, SessionState.REVIEW}),
    SessionState.PARKING: frozenset({SessionState.SETTLING, SessionState.REVIEW}),
    SessionState.SETTLING: frozenset({SessionState.COMPLETED, SessionState.REVIEW}),
    SessionState.REVIEW: frozenset({SessionState.SETTLING, SessionState.COMPLETED}),
    SessionState.FAILED: frozenset({SessionState.ACTIVE}),
    SessionState.CANCELLED: frozenset({SessionState.ACTIVE}),
    SessionState.COMPLETED: frozenset(),
}


class StartMethod(StrEnum):
    """How the charge was asked for."""

    APP = "APP"
    GUEST = "GUEST"
    RFID = "RFID"
    UNKNOWN = "UNKNOWN"


class ChargingState(StrEnum):
    """What the energy does, as the charger reports it (OCPP 2.0.1 ChargingStateEnumType, 1.6 ChargePointStatus)."""

    CHARGING = "CHARGING"
    EV_CONNECTED = "EV_CONNECTED"
    SUSPENDED_EV = "SUSPENDED_EV"
    SUSPENDED_EVSE = "SUSPENDED_EVSE"
    IDLE = "IDLE"


class FailureCode(StrEnum):
    """Why a session did not charge or did not settle, for the app to show."""

    CARD_DECLINED = "CARD_DECLINED"
    NO_PAYMENT_METHOD = "NO_PAYMENT_METHOD"
    AUTHENTICATION_ABANDONED = "AUTHENTICATION_ABANDONED"
    PAYMENT_UNAVAILABLE = "PAYMENT_UNAVAILABLE"
    CHARGER_OFFLINE = "CHARGER_OFFLINE"
    CHARGER_REJECTED = "CHARGER_REJECTED"
    CHARGER_DID_NOT_START = "CHARGER_DID_NOT_START"
    CHARGER_FAULTED = "CHARGER_FAULTED"
    CANCELLED_BY_DRIVER = "CANCELLED_BY_DRIVER"
    CANCELLED_BY_OPERATOR = "CANCELLED_BY_OPERATOR"


class StopReason(StrEnum):
    """Why the energy ended."""

    DRIVER = "DRIVER"
    LOCAL = "LOCAL"
    REMOTE = "REMOTE"
    OPERATOR = "OPERATOR"
    LIMIT_ENERGY = "LIMIT_ENERGY"
    LIMIT_COST = "LIMIT_COST"
    LIMIT_TIME = "LIMIT_TIME"
    LIMIT_SOC = "LIMIT_SOC"
    HOLD_REACHED = "HOLD_REACHED"
    EV_DISCONNECTED = "EV_DISCONNECTED"
    DEAUTHORIZED = "DEAUTHORIZED"
    FAULT = "FAULT"
    POWER_LOSS = "POWER_LOSS"
    STOP_LOST = "STOP_LOST"
    OTHER = "OTHER"


class Authorization(StrEnum):
    """The decision about an id token (OCPP AuthorizationStatus, common to all versions)."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"
    NO_CREDIT = "NoCredit"


class IllegalTransitionError(VoltlaneError):
    """A state change that the machine does not know: a programming error."""

    def __init__(self, current: SessionState, target: SessionState) -> None:
        super().__init__(f"a session cannot go from {current} to {target}")


def require_transition(current: SessionState, target: SessionState) -> None:
    """Raise IllegalTransitionError unless `current` may change to `target`."""
    if target not in _TRANSITIONS[current]:
        raise IllegalTransitionError(current, target)
