"""Why a charge could not be started or stopped, as the app shows it.

ConflictError
├── ChargerOfflineError      nothing can be started here now
├── EvseUnavailableError     faulted, out of service, or of unknown state
├── EvseOccupiedError        somebody charges here
├── EvseReservedError        somebody else has reserved it
└── SessionNotStoppableError the session cannot be stopped any more
"""

from app.kit.errors import ConflictError


class ChargerOfflineError(ConflictError):
    """The charger is not connected: nothing can be started here now."""

    code = "CHARGER_OFFLINE"


class EvseUnavailableError(ConflictError):
    """The EVSE is faulted, out of service, or of unknown state."""

    code = "EVSE_UNAVAILABLE"


class EvseOccupiedError(ConflictError):
    """Another session occupies the EVSE."""

    code = "EVSE_OCCUPIED"


class EvseReservedError(ConflictError):
    """The EVSE is reserved by somebody else."""

    code = "EVSE_RESERVED"


class SessionNotStoppableError(ConflictError):
    """The session has ended or failed already."""

    code = "SESSION_NOT_STOPPABLE"
