"""A reserved EVSE and a card that is not its holder's: refused by us as well, whatever the charger would do."""

from uuid import UUID

import pytest

from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.reservations.reserve import reserve
from app.domain.reservations.tables import ReservationState
from tests.factories.drivers import id_token
from tests.factories.world import World

HOLDERS, OTHERS, STAFF = "04A2B3C4D5", "04FFEEDDCC", "04AFFEAFFE"


async def _cards(world: World) -> UUID:
    """Give the holder, another driver and the staff a card each; return the other driver."""
    other = await world.new_driver()
    await id_token(world.app, world.tenant, HOLDERS, driver_id=world.driver)
    await id_token(world.app, world.tenant, OTHERS, driver_id=other)
    await id_token(world.app, world.tenant, STAFF, free_of_charge=True)
    return other


async def _reserved(world: World, driver: UUID, evse: int = 0) -> UUID:
    reservation_id = await reserve(
        world.deps,
        world.tenant.id,
        driver_id=driver,
        evse_id=world.net.evses[evse],
        minutes=30,
        idempotency_key=f"{driver}",
    )
    await world.run_jobs()
    return reservation_id


@pytest.mark.parametrize("card", [OTHERS, STAFF])
async def test_a_start_by_another_card_is_refused_and_the_reservation_stays(world: World, card: str) -> None:
    await _cards(world)
    reservation_id = await _reserved(world, world.driver)
    opened = await world.open(id_token=card, meter_start_wh=100)
    assert opened.authorization is Authorization.BLOCKED
    assert int(opened.transaction_id) > 100_000
    (session,) = await world.rows(ChargingSession)
    assert (session.refused_as, session.historical, session.driver_id) == (Authorization.BLOCKED, True, None)
    assert (await world.reservation(reservation_id)).state is ReservationState.ACTIVE
    world.clock.advance(seconds=30)
    await world.end(opened.transaction_id, meter_stop_wh=100)
    await world.run_jobs()
    assert await world.state(session.id) is SessionState.COMPLETED
    own = await world.open(id_token=HOLDERS, meter_start_wh=100)
    assert own.authorization is Authorization.ACCEPTED
    assert (await world.reservation(reservation_id)).state is ReservationState.CONSUMED


async def test_energy_taken_all_the_same_is_an_operators_matter(world: World) -> None:
    await _cards(world)
    await _reserved(world, world.driver)
    opened = await world.open(id_token=OTHERS, meter_start_wh=100)
    world.clock.advance(minutes=1)
    await world.end(opened.transaction_id, meter_stop_wh=600)
    await world.run_jobs()
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.energy_wh) == (SessionState.REVIEW, 500)
    assert world.payments.calls["settle"] == 0


async def test_the_other_evse_is_free_for_everybody(world: World) -> None:
    await _cards(world)
    await _reserved(world, world.driver)
    assert await world.authorize(OTHERS) is Authorization.ACCEPTED, "one EVSE is left"
    opened = await world.open(id_token=OTHERS, evse_no=2, meter_start_wh=0)
    assert opened.authorization is Authorization.ACCEPTED


async def test_authorize_refuses_only_where_every_evse_is_kept_for_others(world: World) -> None:
    other = await _cards(world)
    third = await world.new_driver()
    await _reserved(world, world.driver)
    second = await _reserved(world, third, evse=1)
    assert await world.authorize(OTHERS) is Authorization.BLOCKED
    assert await world.authorize(STAFF) is Authorization.BLOCKED
    assert await world.authorize(HOLDERS) is Authorization.ACCEPTED, "a reservation of one's own is no obstacle"
    token = (await world.reservation(second)).id_token
    assert await world.authorize(token) is Authorization.ACCEPTED
    elsewhere = await world.another_charger()
    assert await world.authorize(OTHERS, charger=elsewhere.ref) is Authorization.ACCEPTED
    world.clock.advance(minutes=30)
    assert await world.authorize(OTHERS) is Authorization.ACCEPTED, f"it is over for {other}"


async def test_a_reservation_that_the_charger_has_not_agreed_to_refuses_no_card(world: World) -> None:
    await _cards(world)
    await reserve(
        world.deps,
        world.tenant.id,
        driver_id=world.driver,
        evse_id=world.net.evse,
        minutes=30,
        idempotency_key="k",
    )
    assert (await world.open(id_token=OTHERS)).authorization is Authorization.ACCEPTED


async def test_what_an_offline_charger_delivered_is_not_refused_afterwards(world: World) -> None:
    await _cards(world)
    await _reserved(world, world.driver)
    opened = await world.open(id_token=OTHERS, transaction_id="TX-1", offline=True, meter_start_wh=0)
    assert opened.authorization is Authorization.ACCEPTED
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.refused_as) == (SessionState.ACTIVE, None)
