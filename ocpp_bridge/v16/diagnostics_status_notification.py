"""DiagnosticsStatusNotification (OCPP 1.6 §4.4): kept as an event of the charger."""

from ocpp_bridge.notices import notice

DIAGNOSTICS_STATUS_NOTIFICATION = notice("DiagnosticsStatusNotification", "charger.diagnostics_status")
