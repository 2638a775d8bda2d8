"""The states of stations, EVSEs and chargers, in the field's terms (OCPI 2.2.1 §8, OCPP 1.6 §7, OCPP 2.0.1 part 2)."""

from enum import StrEnum


class EvseStatus(StrEnum):
    """What a driver can do at an EVSE now. UNKNOWN where no connected charger says otherwise."""

    AVAILABLE = "AVAILABLE"
    OCCUPIED = "OCCUPIED"
    CHARGING = "CHARGING"
    RESERVED = "RESERVED"
    UNAVAILABLE = "UNAVAILABLE"
    FAULTED = "FAULTED"
    UNKNOWN = "UNKNOWN"


class ConnectorStandard(StrEnum):
    """Connector standards of OCPI 2.2.1 that the registers we import know."""

    IEC_62196_T1 = "IEC_62196_T1"
    IEC_62196_T1_COMBO = "IEC_62196_T1_COMBO"
    IEC_62196_T2 = "IEC_62196_T2"
    IEC_62196_T2_COMBO = "IEC_62196_T2_COMBO"
    IEC_62196_T3A = "IEC_62196_T3A"
    IEC_62196_T3C = "IEC_62196_T3C"
    CHADEMO = "CHADEMO"
    TESLA_S = "TESLA_S"
    TESLA_R = "TESLA_R"
    NACS = "NACS"
    DOMESTIC_E = "DOMESTIC_E"
    DOMESTIC_F = "DOMESTIC_F"
    GBT_AC = "GBT_AC"
    GBT_DC = "GBT_DC"
    OTHER = "OTHER"


class ConnectorFormat(StrEnum):
    """Whether the connector is a socket or an attached cable."""

    SOCKET = "SOCKET"
    CABLE = "CABLE"


class PowerType(StrEnum):
    """How a connector supplies power (OCPI)."""

    AC_1_PHASE = "AC_1_PHASE"
    AC_2_PHASE = "AC_2_PHASE"
    AC_3_PHASE = "AC_3_PHASE"
    DC = "DC"


class AccessType(StrEnum):
    """Who may enter a location."""

    PUBLIC = "PUBLIC"
    CUSTOMERS = "CUSTOMERS"
    RESTRICTED = "RESTRICTED"
    PRIVATE = "PRIVATE"


class OcppVersion(StrEnum):
    """An OCPP version by its WebSocket subprotocol (OCPP-J)."""

    V16 = "ocpp1.6"
    V201 = "ocpp2.0.1"
    V21 = "ocpp2.1"


class RegistrationStatus(StrEnum):
    """Whether a charger belongs to the network (OCPP RegistrationStatus)."""

    ACCEPTED = "ACCEPTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
