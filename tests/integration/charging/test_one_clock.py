"""Graces and deadlines compare the program's clock with itself, however far the database's stands from it."""

from datetime import timedelta

from sqlalchemy import text

from app.db.tables import Tenant
from app.db.uow import Database
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession
from app.domain.reservations.reserve import reserve
from app.domain.reservations.tables import ReservationState
from tests.factories.drivers import driver, id_token
from tests.factories.network import network
from tests.factories.world import World
from tests.fakes.clock import FrozenClock
from tests.fakes.payments import UNKNOWN


async def _world(app_db: Database, bridge_db: Database, tenant: Tenant, *, ahead: timedelta) -> World:
    """Return a world whose clock is far from the database's."""
    clock = FrozenClock(FrozenClock().now().replace(year=2031) + ahead)
    net = await network(app_db, tenant, evses=2, clock=clock)
    return World(app_db, bridge_db, tenant, clock, net, await driver(app_db, tenant))


async def test_rows_are_dated_by_the_programs_clock(app_db: Database, bridge_db: Database, tenant: Tenant) -> None:
    world = await _world(app_db, bridge_db, tenant, ahead=timedelta())
    await world.start()
    await id_token(app_db, tenant, "CARD", driver_id=await world.new_driver())
    await world.open(id_token="CARD", evse_no=2)
    await world.open(id_token="UNKNOWN", evse_no=2)
    sessions = await world.rows(ChargingSession)
    assert [row.created_at for row in sessions] == [world.clock.now()] * 3


async def test_a_step_is_repeated_after_its_grace_and_given_up_in_time(
    app_db: Database, bridge_db: Database, tenant: Tenant
) -> None:
    world = await _world(app_db, bridge_db, tenant, ahead=timedelta(days=400))
    world.payments.default = UNKNOWN
    session_id = await world.start()
    placed = world.payments.calls["place_hold"]
    await world.reconcile(after=14)
    assert world.payments.calls["place_hold"] == placed
    await world.reconcile(after=2)
    assert world.payments.calls["place_hold"] == placed + 1
    assert await world.state(session_id) is SessionState.PENDING_PAYMENT
    await world.reconcile(after=300)
    assert await world.state(session_id) is SessionState.FAILED


async def test_an_interrupted_reservation_is_placed_after_its_grace(
    app_db: Database, bridge_db: Database, tenant: Tenant
) -> None:
    world = await _world(app_db, bridge_db, tenant, ahead=timedelta())
    reservation_id = await reserve(
        world.deps, tenant.id, driver_id=world.driver, evse_id=world.net.evse, minutes=30, idempotency_key="k"
    )
    row = await world.reservation(reservation_id)
    assert (row.created_at, row.starts_at) == (world.clock.now(), world.clock.now())
    await _forget_jobs(world)
    await world.reconcile(after=14)
    assert (await world.reservation(reservation_id)).state is ReservationState.PENDING
    await world.reconcile(after=2)
    assert (await world.reservation(reservation_id)).state is ReservationState.ACTIVE


async def _forget_jobs(world: World) -> None:
    """Lose what was enqueued, as a crash of the queue would."""
    async with world.app.unit_of_work(world.tenant.id) as uow:
        await uow.session.execute(text("delete from pgqueuer"))
