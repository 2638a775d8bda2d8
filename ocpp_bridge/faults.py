"""Reasons to refuse a charger's CALL, and how each OCPP version spells them on the wire.

RefusedCallError            the CALL gets a CALLERROR
└── UnusableMessageError    its content cannot be used, not even tolerantly
"""

from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """Why a CALL is refused; the values are the spelling of OCPP 2.x (part 4, table of error codes)."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL = "InternalError"
    PROTOCOL = "ProtocolError"
    SECURITY = "SecurityError"
    FORMAT = "FormatViolation"
    PROPERTY = "PropertyConstraintViolation"
    OCCURRENCE = "OccurrenceConstraintViolation"
    TYPE = "TypeConstraintViolation"
    RPC = "RpcFrameworkError"
    MESSAGE_TYPE = "MessageTypeNotSupported"
    GENERIC = "GenericError"


SPELLING_16: Mapping[Fault, str] = {
    Fault.FORMAT: "FormationViolation",
    Fault.OCCURRENCE: "OccurenceConstraintViolation",
    Fault.RPC: "ProtocolError",
    Fault.MESSAGE_TYPE: "ProtocolError",
}
"""Where OCPP-J 1.6 (table 7) differs."""

SPELLING_2: Mapping[Fault, str] = {}


class RefusedCallError(Exception):
    """The CALL gets a CALLERROR with this reason."""

    def __init__(self, fault: Fault, description: str) -> None:
        super().__init__(description)
        self.fault = fault
        self.description = description


class UnusableMessageError(RefusedCallError):
    """The content of the CALL cannot be used, not even tolerantly."""
