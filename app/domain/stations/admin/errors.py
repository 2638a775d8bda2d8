"""What can go wrong when an operator changes the network.

ConflictError
├── IdentityTakenError     another charger of the brand has this OCPP identity
├── EvseCodeTakenError     another EVSE of the brand bears this code
├── EvseNumberTakenError   another EVSE has this number at the charger
├── EvseBusyError          a charge runs there: what it hangs on cannot change now
└── ChargerElsewhereError  a charger and its EVSEs stand at one location
"""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from app.kit.errors import ConflictError, UserError


class IdentityTakenError(ConflictError):
    """Another charger of the brand has this OCPP identity."""

    code = "IDENTITY_TAKEN"

    def __init__(self) -> None:
        super().__init__("There is a charger with this identity.", field="identity")


class EvseCodeTakenError(ConflictError):
    """Another EVSE of the brand bears this code: a sticker must lead to one EVSE."""

    code = "EVSE_CODE_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another charging point bears this code.", field="evseCode")


class EvseNumberTakenError(ConflictError):
    """Another EVSE has this number at the charger."""

    code = "EVSE_NUMBER_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another charging point has this number at the charger.", field="ocppEvseNo")


class EvseBusyError(ConflictError):
    """A charge runs at the EVSE: its charger and number cannot change now."""

    code = "EVSE_BUSY"

    def __init__(self) -> None:
        super().__init__("A charge runs here. Its charger and number can be changed when it has ended.")


class ChargerElsewhereError(ConflictError):
    """A charger and the EVSEs it serves stand at one location."""

    code = "CHARGER_ELSEWHERE"

    def __init__(self) -> None:
        super().__init__("The charger and its charging points must stand at one location.", field="locationId")


_EVSE_CONSTRAINTS: Mapping[str, type[EvseCodeTakenError | EvseNumberTakenError]] = {
    "code_normalized": EvseCodeTakenError,
    "ocpp_evse_no": EvseNumberTakenError,
}


def evse_conflict(error: IntegrityError) -> UserError | None:
    """Return what a violated unique constraint of `evses` means, None for any other violation."""
    text = str(error.orig)
    found = next((kind for column, kind in _EVSE_CONSTRAINTS.items() if column in text), None)
    return found() if found is not None else None
