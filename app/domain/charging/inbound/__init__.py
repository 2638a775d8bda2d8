"""What chargers report, applied to the domain: one function a report, each in the caller's unit of work.

None refuses a report for business reasons once energy flowed; what cannot be applied is quarantined.
"""

from app.domain.charging.inbound.authorize import authorize
from app.domain.charging.inbound.boot import register_boot, send_waiting_stops
from app.domain.charging.inbound.deps import Inbound
from app.domain.charging.inbound.end_transaction import end_transaction
from app.domain.charging.inbound.open_transaction import open_transaction
from app.domain.charging.inbound.quarantine import quarantine
from app.domain.charging.inbound.readings import record_readings
from app.domain.charging.inbound.reservation_status import ReservationUpdate, report_reservation
from app.domain.charging.inbound.status import report_status
from app.domain.charging.inbound.update_transaction import update_transaction

__all__ = [
    "Inbound",
    "ReservationUpdate",
    "authorize",
    "end_transaction",
    "open_transaction",
    "quarantine",
    "record_readings",
    "register_boot",
    "report_reservation",
    "report_status",
    "send_waiting_stops",
    "update_transaction",
]
