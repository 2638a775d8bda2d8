"""Messages of the OCPP 1.6 security whitepaper: events and log status are kept; certificates are not signed yet."""

from ocpp_bridge.notices import notice

SECURITY_EVENT_NOTIFICATION = notice("SecurityEventNotification", "charger.security_event")
LOG_STATUS_NOTIFICATION = notice("LogStatusNotification", "charger.log_status")
SIGN_CERTIFICATE = notice("SignCertificate", "charger.certificate_requested", {"status": "Rejected"})
