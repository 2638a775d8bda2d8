"""NotifyEvent (OCPP 2.0.1 N07): monitored variables crossed a limit; kept as an event of the charger."""

from ocpp_bridge.notices import notice

NOTIFY_EVENT = notice("NotifyEvent", "charger.monitoring_event")
