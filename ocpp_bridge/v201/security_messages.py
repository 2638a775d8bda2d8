"""Security messages (OCPP 2.0.1 A02–A04, M): events are kept; certificates are neither signed nor checked yet, and we
say so.
"""

from ocpp_bridge.notices import notice

SECURITY_EVENT_NOTIFICATION = notice("SecurityEventNotification", "charger.security_event")
SIGN_CERTIFICATE = notice("SignCertificate", "charger.certificate_requested", {"status": "Rejected"})
GET_CERTIFICATE_STATUS = notice("GetCertificateStatus", "charger.certificate_status_asked", {"status": "Failed"})
GET_15118_EV_CERTIFICATE = notice(
    "Get15118EVCertificate", "charger.contract_certificate_asked", {"status": "Failed", "exiResponse": ""}
)
