"""ReservationStatusUpdate (OCPP 2.0.1 H04): the station gave a reservation up; kept as an event of the charger."""

from ocpp_bridge.notices import notice

RESERVATION_STATUS_UPDATE = notice("ReservationStatusUpdate", "charger.reservation_status")
