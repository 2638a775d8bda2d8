"""The jobs that tell a charger of a reservation (OCPP ReserveNow) and of its end (CancelReservation)."""

from uuid import UUID

from app.db.uow import UnitOfWork
from app.domain.charging.command_log import add_command, finish_command
from app.domain.charging.commands import CancelReservation, Command, CommandOutcome, ReserveNow
from app.domain.charging.deps import Charging
from app.domain.charging.tables import CommandState
from app.domain.reservations.end import end
from app.domain.reservations.tables import HOLDING, Reservation, ReservationState
from app.domain.stations.tables import Evse


async def place_reservation(deps: Charging, tenant_id: UUID, reservation_id: UUID) -> None:
    """Send ReserveNow for a pending reservation; what the charger refuses or cannot hear is rejected."""

    async def prepare(uow: UnitOfWork) -> tuple[UUID, Command, UUID] | None:
        reservation = await uow.session.get_one(Reservation, reservation_id, with_for_update=True)
        if reservation.state is not ReservationState.PENDING:
            return None
        evse = await uow.session.get_one(Evse, reservation.evse_id)
        if evse.ocpp_evse_no is None:
            # Never guess which EVSE is meant.
            await end(uow, reservation, ReservationState.REJECTED, deps.clock.now(), rejection="UNKNOWN_EVSE")
            return None
        command = ReserveNow(
            reservation_id=reservation.ocpp_reservation_id,
            evse_no=evse.ocpp_evse_no,
            id_token=reservation.id_token,
            expires_at=reservation.expires_at,
        )
        row = await add_command(uow, reservation.charger_id, command, requested_by=f"reservation:{reservation.id}")
        return reservation.charger_id, command, row.id

    outcome = await _send(deps, tenant_id, await deps.database.transact(tenant_id, prepare))
    if outcome is None:
        return

    async def record(uow: UnitOfWork) -> None:
        reservation = await uow.session.get_one(Reservation, reservation_id, with_for_update=True)
        if reservation.state is not ReservationState.PENDING:
            await _let_go_again(uow, reservation, outcome)
            return
        if outcome.accepted:
            reservation.state = ReservationState.ACTIVE
            await uow.record(reservation, "reservation.active", {"state": reservation.state.value})
            return
        reason = outcome.status or outcome.state.value
        if outcome.state is not CommandState.REJECTED:
            # Silence is not refusal: the charger may hold it all the same and is told to let go.
            await uow.enqueue("reservation.clear", {"reservation": str(reservation.id)})
        await end(uow, reservation, ReservationState.REJECTED, deps.clock.now(), rejection=reason[:60])

    await deps.database.transact(tenant_id, record)


async def _let_go_again(uow: UnitOfWork, reservation: Reservation, outcome: CommandOutcome) -> None:
    """It ended while the charger was asked: an agreement that comes late may have overtaken the cancellation."""
    if outcome.state is CommandState.REJECTED or reservation.state in HOLDING | {ReservationState.CONSUMED}:
        return
    reservation.charger_cleared_at = None
    await uow.enqueue("reservation.clear", {"reservation": str(reservation.id)})


async def clear_reservation(deps: Charging, tenant_id: UUID, reservation_id: UUID) -> None:
    """Send CancelReservation for a reservation that ended; an offline charger lets go by itself at the expiry."""

    async def prepare(uow: UnitOfWork) -> tuple[UUID, Command, UUID] | None:
        reservation = await uow.session.get_one(Reservation, reservation_id, with_for_update=True)
        if reservation.state in HOLDING or reservation.charger_cleared_at is not None:
            return None
        if reservation.expires_at <= deps.clock.now():
            reservation.charger_cleared_at = deps.clock.now()
            return None
        command = CancelReservation(reservation_id=reservation.ocpp_reservation_id)
        row = await add_command(uow, reservation.charger_id, command, requested_by=f"reservation:{reservation.id}")
        return reservation.charger_id, command, row.id

    outcome = await _send(deps, tenant_id, await deps.database.transact(tenant_id, prepare))
    if outcome is None or outcome.state in (CommandState.OFFLINE, CommandState.TIMED_OUT):
        return

    async def record(uow: UnitOfWork) -> None:
        reservation = await uow.session.get_one(Reservation, reservation_id, with_for_update=True)
        reservation.charger_cleared_at = deps.clock.now()

    await deps.database.transact(tenant_id, record)


async def _send(deps: Charging, tenant_id: UUID, prepared: tuple[UUID, Command, UUID] | None) -> CommandOutcome | None:
    if prepared is None:
        return None
    charger_id, command, command_id = prepared
    outcome = await deps.gateway.send(
        tenant_id, charger_id, command, timeout_seconds=int(deps.settings.command_timeout.total_seconds())
    )

    async def log(uow: UnitOfWork) -> None:
        await finish_command(uow, command_id, outcome, deps.clock.now())

    await deps.database.transact(tenant_id, log)
    return outcome
