"""Messages by which a station reports progress or lists (OCPP 2.0.1 blocks I, K, L, N, O): kept as events of the
charger.
"""

from ocpp_bridge.notices import notice

STATUS_REPORTS = (
    notice("FirmwareStatusNotification", "charger.firmware_status"),
    notice("PublishFirmwareStatusNotification", "charger.firmware_status"),
    notice("LogStatusNotification", "charger.log_status"),
    notice("NotifyMonitoringReport", "charger.monitoring_report"),
    notice("NotifyCustomerInformation", "charger.customer_information"),
    notice("NotifyDisplayMessages", "charger.display_messages"),
    notice("NotifyChargingLimit", "charger.charging_limit"),
    notice("ClearedChargingLimit", "charger.charging_limit_cleared"),
    notice("ReportChargingProfiles", "charger.charging_profiles"),
    notice("NotifyEVChargingNeeds", "charger.ev_charging_needs", {"status": "Rejected"}),
    notice("NotifyEVChargingSchedule", "charger.ev_charging_schedule", {"status": "Accepted"}),
)
"""Charging needs of ISO 15118 are not planned for, hence Rejected: the vehicle charges without a schedule (K15.FR.04).
"""
