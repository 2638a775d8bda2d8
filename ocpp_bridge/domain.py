"""The domain's use cases for one message: the inbound functions bound to a unit of work, their ports and a charger."""

from typing import Any

from app.db.uow import UnitOfWork
from app.domain.charging import inbound
from app.domain.charging.messages import (
    BootReport,
    ChargerRef,
    ReadingsReport,
    StatusReport,
    TransactionEnd,
    TransactionOpened,
    TransactionStart,
    TransactionUpdate,
)
from app.domain.charging.states import Authorization
from app.domain.stations.states import RegistrationStatus


class Domain:
    """What a message handler may ask of the domain."""

    def __init__(self, uow: UnitOfWork, deps: inbound.Inbound, ref: ChargerRef) -> None:
        self.uow = uow
        self._deps = deps
        self._ref = ref

    async def register_boot(self, report: BootReport) -> RegistrationStatus:
        """Store a boot; return whether the charger belongs to the network."""
        return await inbound.register_boot(self.uow, self._deps, self._ref, report)

    async def report_status(self, report: StatusReport) -> None:
        """Store the state of an EVSE or the charger."""
        await inbound.report_status(self.uow, self._deps, self._ref, report)

    async def authorize(self, id_token: str) -> Authorization:
        """Decide about a token."""
        return await inbound.authorize(self.uow, self._deps, self._ref, id_token)

    async def open_transaction(self, start: TransactionStart) -> TransactionOpened:
        """Begin a transaction; idempotent by content."""
        return await inbound.open_transaction(self.uow, self._deps, self._ref, start)

    async def update_transaction(self, change: TransactionUpdate) -> Authorization | None:
        """Apply a 2.x update; return a decision where it carried a token."""
        return await inbound.update_transaction(self.uow, self._deps, self._ref, change)

    async def record_readings(self, report: ReadingsReport) -> None:
        """Store readings."""
        await inbound.record_readings(self.uow, self._deps, self._ref, report)

    async def end_transaction(self, end: TransactionEnd) -> Authorization | None:
        """End a transaction; never fails for business reasons."""
        return await inbound.end_transaction(self.uow, self._deps, self._ref, end)

    async def report_reservation(self, reservation_id: int, update: inbound.ReservationUpdate) -> None:
        """End a reservation that the charger gave up."""
        await inbound.report_reservation(self.uow, self._deps, self._ref, reservation_id, update)

    async def quarantine(self, action: str, payload: dict[str, Any], reason: str) -> None:
        """Keep a message that cannot be applied, with an incident."""
        await inbound.quarantine(self.uow, self._ref, action, payload, reason)
