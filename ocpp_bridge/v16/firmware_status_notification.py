"""FirmwareStatusNotification (OCPP 1.6 §4.5) and its signed form (security whitepaper): events of the charger."""

from ocpp_bridge.notices import notice

FIRMWARE_STATUS_NOTIFICATION = notice("FirmwareStatusNotification", "charger.firmware_status")
SIGNED_FIRMWARE_STATUS_NOTIFICATION = notice("SignedFirmwareStatusNotification", "charger.firmware_status")
