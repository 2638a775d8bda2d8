"""A charger that gives a reservation up by itself ends it here too, and its driver is told."""

import pytest

from app.domain.charging.inbound import ReservationUpdate, report_reservation
from app.domain.charging.messages import ChargerRef
from app.domain.reservations.reserve import reserve
from app.domain.reservations.tables import Reservation, ReservationState
from tests.factories.world import World


async def _reserved(world: World) -> Reservation:
    made = await reserve(
        world.deps,
        world.tenant.id,
        driver_id=world.driver,
        evse_id=world.net.evse,
        minutes=30,
        idempotency_key="r",
    )
    await world.run_jobs()
    row = await world.reservation(made)
    assert row.state is ReservationState.ACTIVE
    return row


async def _say(world: World, number: int, update: ReservationUpdate, ref: ChargerRef | None = None) -> None:
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        await report_reservation(uow, world.inbound, ref or world.net.ref, number, update)


@pytest.mark.parametrize(
    ("update", "state", "reason"),
    [
        (ReservationUpdate.EXPIRED, ReservationState.EXPIRED, None),
        (ReservationUpdate.REMOVED, ReservationState.REJECTED, "Removed"),
    ],
)
async def test_it_ends_as_the_charger_says(
    world: World, update: ReservationUpdate, state: ReservationState, reason: str | None
) -> None:
    row = await _reserved(world)
    await _say(world, row.ocpp_reservation_id, update)
    await _say(world, row.ocpp_reservation_id, update)
    ended = await world.reservation(row.id)
    assert (ended.state, ended.rejection) == (state, reason)
    assert ended.charger_cleared_at == world.clock.now()


async def test_another_chargers_word_changes_nothing(world: World) -> None:
    row = await _reserved(world)
    other = await world.another_charger()
    await _say(world, row.ocpp_reservation_id, ReservationUpdate.REMOVED, other.ref)
    assert (await world.reservation(row.id)).state is ReservationState.ACTIVE


async def test_a_start_on_its_way_keeps_its_reservation(world: World) -> None:
    row = await _reserved(world)
    await world.start()
    await _say(world, row.ocpp_reservation_id, ReservationUpdate.REMOVED)
    assert (await world.reservation(row.id)).state is ReservationState.ACTIVE
