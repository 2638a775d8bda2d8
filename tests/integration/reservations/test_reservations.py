"""Reservations: one an EVSE, one a driver, kept for its driver, consumed by an accepted start and by nothing else."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.charging.commands import CancelReservation, CommandOutcome, RemoteStart, ReserveNow
from app.domain.charging.errors import (
    ChargerOfflineError,
    EvseOccupiedError,
    EvseReservedError,
    EvseUnavailableError,
)
from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import CommandState
from app.domain.reservations.end import ReservationOverError, cancel_reservation
from app.domain.reservations.reserve import AlreadyReservedError, reserve
from app.domain.reservations.tables import Reservation, ReservationState
from app.domain.reservations.tell_charger import clear_reservation, place_reservation
from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Evse
from app.kit.errors import InvalidInputError, NotFoundError
from app.kit.ids import new_id
from tests.factories.drivers import id_token
from tests.factories.world import World
from tests.fakes.gateway import ACCEPTED, FAILED, OFFLINE, REJECTED, TIMED_OUT, DiedError
from tests.fakes.payments import DECLINED

OCCUPIED = CommandOutcome(state=CommandState.REJECTED, status="Occupied", answer={"status": "Occupied"})


async def _reserve(
    world: World, driver: object = None, *, evse: object = None, minutes: int = 30, key: str = ""
) -> object:
    return await reserve(
        world.deps,
        world.tenant.id,
        driver_id=driver or world.driver,  # type: ignore[arg-type]
        evse_id=evse or world.net.evse,  # type: ignore[arg-type]
        minutes=minutes,
        idempotency_key=key or str(new_id()),
    )


async def _reserved(world: World) -> Reservation:
    reservation_id = await _reserve(world)
    await world.run_jobs()
    row = await world.reservation(reservation_id)  # type: ignore[arg-type]
    assert row.state is ReservationState.ACTIVE
    return row


async def _cancel(world: World, reservation_id: object, key: str = "c") -> None:
    await cancel_reservation(
        world.deps,
        world.tenant.id,
        reservation_id,  # type: ignore[arg-type]
        actor="driver",
        idempotency_key=key,
        driver_id=world.driver,
    )


async def test_the_charger_is_told_and_agrees(world: World) -> None:
    reservation_id = await _reserve(world, minutes=20)
    row = await world.reservation(reservation_id)  # type: ignore[arg-type]
    assert (row.state, row.expires_at - row.starts_at) == (ReservationState.PENDING, timedelta(minutes=20))
    assert await world.run_jobs() == ["reservation.place"]
    row = await world.reservation(row.id)
    assert row.state is ReservationState.ACTIVE
    (command,) = world.gateway.commands(ReserveNow)
    assert (command.evse_no, command.id_token, command.reservation_id, command.expires_at) == (
        1,
        row.id_token,
        row.ocpp_reservation_id,
        row.expires_at,
    )
    assert [event.type for event in await world.events(row.id)] == ["reservation.pending", "reservation.active"]
    assert await world.authorize(row.id_token) is Authorization.ACCEPTED
    other = await world.another_charger()
    assert await world.authorize(row.id_token, charger=other.ref) is Authorization.INVALID


@pytest.mark.parametrize(
    ("outcome", "reason", "told_to_let_go"),
    [
        (OCCUPIED, "Occupied", False),
        (OFFLINE, "OFFLINE", True),
        (TIMED_OUT, "TIMED_OUT", True),
        (FAILED, "FAILED", True),
    ],
)
async def test_what_the_charger_does_not_accept_is_rejected(
    world: World, outcome: CommandOutcome, reason: str, told_to_let_go: bool
) -> None:
    world.gateway.will(outcome)
    reservation_id = await _reserve(world)
    await world.run_jobs()
    row = await world.reservation(reservation_id)  # type: ignore[arg-type]
    assert (row.state, row.rejection, row.ended_at) == (ReservationState.REJECTED, reason, world.clock.now())
    assert bool(world.gateway.commands(CancelReservation)) is told_to_let_go
    assert await _reserve(world, await world.new_driver()), "the EVSE can be reserved again"


async def test_fifty_drivers_at_once_one_reservation(world: World) -> None:
    drivers = [await world.new_driver() for _ in range(50)]
    results = await asyncio.gather(*(_reserve(world, driver) for driver in drivers), return_exceptions=True)
    lost = [result for result in results if isinstance(result, BaseException)]
    assert (len(results) - len(lost), {type(error) for error in lost}) == (1, {EvseReservedError})
    assert len(await world.rows(Reservation)) == 1


async def test_fifty_calls_with_one_key_are_one_reservation(world: World) -> None:
    results = await asyncio.gather(*(_reserve(world, key="tap") for _ in range(50)))
    assert len(set(results)) == 1
    assert len(await world.rows(Reservation)) == 1
    assert await world.run_jobs() == ["reservation.place"]


async def test_one_driver_cannot_take_two_evses_at_once(world: World) -> None:
    results = await asyncio.gather(
        *(_reserve(world, evse=evse) for evse in world.net.evses * 3), return_exceptions=True
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} <= {
        AlreadyReservedError,
        EvseReservedError,
    }
    assert len(await world.rows(Reservation)) == 1


async def test_the_database_itself_refuses_an_overlap(world: World) -> None:
    row = await _reserved(world)
    with pytest.raises(IntegrityError, match="ex_reservations_overlap"):
        async with world.app.unit_of_work(world.tenant.id) as uow:
            uow.session.add(
                Reservation(
                    driver_id=await world.new_driver(),
                    evse_id=row.evse_id,
                    charger_id=row.charger_id,
                    state=ReservationState.PENDING,
                    id_token="X",
                    starts_at=row.expires_at - timedelta(seconds=1),
                    expires_at=row.expires_at + timedelta(minutes=5),
                )
            )


async def test_the_own_start_consumes_it_only_when_the_charger_has_started(world: World) -> None:
    row = await _reserved(world)
    await world.report(EvseStatus.RESERVED)
    session_id = await world.start()
    session = await world.session(session_id)
    assert (session.reservation_id, session.start_token) == (row.id, row.id_token)
    await world.run_jobs()
    assert (await world.reservation(row.id)).state is ReservationState.ACTIVE
    (command,) = world.gateway.commands(RemoteStart)
    assert command.id_token == row.id_token
    await world.open(id_token=row.id_token)
    consumed = await world.reservation(row.id)
    assert (consumed.state, consumed.ended_at) == (ReservationState.CONSUMED, world.clock.now())
    assert await world.state(session_id) is SessionState.ACTIVE
    await world.reconcile(after=3600)
    assert (await world.reservation(row.id)).state is ReservationState.CONSUMED
    assert world.gateway.commands(CancelReservation) == []


@pytest.mark.parametrize("refusal", ["charger", "card"])
async def test_a_refused_start_keeps_the_reservation_for_the_next_try(world: World, refusal: str) -> None:
    row = await _reserved(world)
    if refusal == "charger":
        world.gateway.will(REJECTED)
    else:
        world.payments.will(DECLINED)
    first = await world.start()
    await world.run_jobs()
    assert await world.state(first) is SessionState.FAILED
    assert (await world.reservation(row.id)).state is ReservationState.ACTIVE
    second = await world.start()
    await world.run_jobs()
    opened = await world.open(id_token=row.id_token)
    assert opened.session_id == second
    assert await world.state(first) is SessionState.FAILED
    assert (await world.reservation(row.id)).state is ReservationState.CONSUMED


async def test_another_driver_is_refused_until_it_has_expired(world: World) -> None:
    row = await _reserved(world)
    other = await world.new_driver()
    with pytest.raises(EvseReservedError):
        await world.start(other)
    with pytest.raises(EvseReservedError):
        await _reserve(world, other)
    world.clock.current = row.expires_at
    assert await world.start(other)


async def test_the_drivers_own_card_consumes_it_too(world: World) -> None:
    row = await _reserved(world)
    await id_token(world.app, world.tenant, "CARD", driver_id=world.driver)
    world.clock.advance(seconds=30)
    await world.open(id_token="CARD")
    assert (await world.reservation(row.id)).state is ReservationState.CONSUMED


async def test_a_no_show_ends_with_a_reminder_before(world: World) -> None:
    row = await _reserved(world)
    await world.reconcile(after=24 * 60)
    assert world.notifier.kinds() == []
    for _ in range(3):
        await world.reconcile(after=61)
    assert world.notifier.kinds() == ["RESERVATION_EXPIRING"]
    assert world.notifier.only("RESERVATION_EXPIRING").payload["expires_at"] == row.expires_at
    world.clock.current = row.expires_at
    for _ in range(2):
        await world.reconcile()
    ended = await world.reservation(row.id)
    assert (ended.state, ended.ended_at) == (ReservationState.EXPIRED, row.expires_at)
    assert world.notifier.kinds() == ["RESERVATION_EXPIRING", "RESERVATION_ENDED"]
    assert await _reserve(world, await world.new_driver())


async def test_an_expiry_waits_for_a_start_that_is_on_its_way(world: World) -> None:
    row = await _reserved(world)
    world.clock.current = row.expires_at - timedelta(seconds=5)
    session_id = await world.start()
    await world.run_jobs()
    await world.reconcile(after=10)
    assert (await world.reservation(row.id)).state is ReservationState.ACTIVE
    await world.open(id_token=row.id_token)
    assert (await world.reservation(row.id)).state is ReservationState.CONSUMED
    assert await world.state(session_id) is SessionState.ACTIVE


async def test_a_cancellation_tells_the_charger_and_cancelling_twice_is_no_error(world: World) -> None:
    row = await _reserved(world)
    await asyncio.gather(*(_cancel(world, row.id) for _ in range(5)))
    await _cancel(world, row.id, key="again")
    assert await world.run_jobs() == ["reservation.clear"]
    (command,) = world.gateway.commands(CancelReservation)
    assert command.reservation_id == row.ocpp_reservation_id
    cancelled = await world.reservation(row.id)
    assert (cancelled.state, cancelled.charger_cleared_at) == (ReservationState.CANCELLED, world.clock.now())
    assert [event.type for event in await world.events(row.id)][-1] == "reservation.cancelled"
    assert await _reserve(world, await world.new_driver())


async def test_nobody_elses_and_no_ended_reservation_can_be_cancelled(world: World) -> None:
    row = await _reserved(world)
    with pytest.raises(NotFoundError):
        await cancel_reservation(
            world.deps,
            world.tenant.id,
            row.id,
            actor="x",
            idempotency_key="k",
            driver_id=await world.new_driver(),
        )
    assert (await world.reservation(row.id)).state is ReservationState.ACTIVE
    world.clock.current = row.expires_at
    await world.reconcile()
    with pytest.raises(ReservationOverError):
        await _cancel(world, row.id)


async def test_an_agreement_that_overtook_the_cancellation_is_taken_back(world: World) -> None:
    reservation_id = await _reserve(world)
    world.gateway.hold = asyncio.Event()
    placing = asyncio.create_task(place_reservation(world.deps, world.tenant.id, reservation_id))  # type: ignore[arg-type]
    await world.gateway.reached.wait()
    await _cancel(world, reservation_id)
    await world.change(Reservation, reservation_id, charger_cleared_at=world.clock.now())  # type: ignore[arg-type]
    world.gateway.hold.set()
    await placing
    assert (await world.reservation(reservation_id)).state is ReservationState.CANCELLED  # type: ignore[arg-type]
    await world.run_jobs(only="reservation.clear")
    assert len(world.gateway.commands(CancelReservation)) == 1


async def test_a_crash_while_the_charger_was_asked_is_repeated_under_the_same_number(world: World) -> None:
    world.gateway.will(DiedError(), ACCEPTED)
    reservation_id = await _reserve(world)
    with pytest.raises(DiedError):
        await world.run_jobs()
    await world.reconcile(after=30)
    assert (await world.reservation(reservation_id)).state is ReservationState.ACTIVE  # type: ignore[arg-type]
    numbers = {command.reservation_id for command in world.gateway.commands(ReserveNow)}
    assert (len(world.gateway.commands(ReserveNow)), len(numbers)) == (2, 1)


async def test_an_expired_reservation_is_not_cleared_on_the_charger(world: World) -> None:
    row = await _reserved(world)
    await _cancel(world, row.id)
    world.clock.current = row.expires_at
    await clear_reservation(world.deps, world.tenant.id, row.id)
    assert world.gateway.commands(CancelReservation) == []


@pytest.mark.parametrize(
    ("model", "values", "error"),
    [
        (Charger, {"connected": False}, ChargerOfflineError),
        (Charger, {"operative": False}, EvseUnavailableError),
        (Charger, {"registration": RegistrationStatus.PENDING}, EvseUnavailableError),
        (Evse, {"status": EvseStatus.FAULTED}, EvseUnavailableError),
        (Evse, {"status": EvseStatus.OCCUPIED}, EvseOccupiedError),
        (Evse, {"status": EvseStatus.RESERVED}, EvseReservedError),
        (Evse, {"ocpp_evse_no": None}, EvseUnavailableError),
    ],
)
async def test_what_cannot_be_reserved_leaves_no_trace(
    world: World, model: type[Charger | Evse], values: dict[str, object], error: type[Exception]
) -> None:
    await world.change(model, world.net.evse if model is Evse else world.net.charger_id, **values)
    with pytest.raises(error):
        await _reserve(world)
    assert await world.rows(Reservation) == []
    assert await world.jobs() == []


async def test_a_running_session_is_not_reserved_over(world: World) -> None:
    await world.charging()
    with pytest.raises(EvseOccupiedError):
        await _reserve(world, await world.new_driver())


@pytest.mark.parametrize("minutes", [0, -5, 241])
async def test_the_length_is_bounded(world: World, minutes: int) -> None:
    with pytest.raises(InvalidInputError):
        await _reserve(world, minutes=minutes)
