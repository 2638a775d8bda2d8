"""ReservationStatusUpdate (OCPP 2.0.1 H04): the station gave a reservation up by itself."""

from app.domain.charging.inbound.reservation_status import ReservationUpdate
from ocpp_bridge.faults import Fault, UnusableMessageError
from ocpp_bridge.frames import Payload
from ocpp_bridge.handling import Context, MessageHandler, required_number
from ocpp_bridge.notices import record_notice


async def handle(context: Context, payload: Payload) -> Payload:
    """End the reservation as the station has; the message is kept as an event of the charger too."""
    try:
        update = ReservationUpdate(str(payload.get("reservationUpdateStatus")))
    except ValueError as error:
        raise UnusableMessageError(Fault.PROPERTY, "unknown reservationUpdateStatus") from error
    await record_notice(context, "charger.reservation_status", payload)
    await context.domain.report_reservation(required_number(payload, "reservationId"), update)
    return {}


RESERVATION_STATUS_UPDATE = MessageHandler(action="ReservationStatusUpdate", handle=handle)
