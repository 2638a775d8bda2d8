"""Stops: always acknowledged, one a transaction, never applied to another session, never lost."""

import asyncio

import pytest
from sqlalchemy import select

from app.db.tables import AuditEntry, Tenant
from app.domain.charging.commands import RemoteStop
from app.domain.charging.errors import SessionNotStoppableError
from app.domain.charging.inbound import end_transaction
from app.domain.charging.states import Authorization, FailureCode, SessionState, StopReason
from app.domain.charging.stop_charging import stop_charging
from app.domain.charging.tables import ChargingSession, Incident, MeterReading, QuarantinedMessage
from app.domain.operators.actor import AdminActor
from app.domain.stations.connection import mark_connected, mark_disconnected
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger
from app.kit.errors import NotFoundError
from tests.factories import messages
from tests.factories.drivers import id_token
from tests.factories.messages import reading
from tests.factories.network import network
from tests.factories.world import World
from tests.fakes.gateway import OFFLINE, REJECTED, TIMED_OUT


@pytest.mark.parametrize("transaction_id", ["0", "-1", "424242", "9223372036854775807", "foreign"])
async def test_an_unknown_stop_is_acknowledged_and_kept_and_stops_nothing(world: World, transaction_id: str) -> None:
    session_id, _ = await world.charging(meter=0)
    other = await world.another_charger()
    if transaction_id == "foreign":
        driver = await world.new_driver()
        foreign_id = await world.start(driver, evse=other.evse)
        await world.run_jobs()
        token = (await world.session(foreign_id)).start_token
        transaction_id = (await world.open(id_token=token, charger=other.ref)).transaction_id
    before = [(row.id, row.seq, row.state) for row in await world.rows(ChargingSession)]
    world.clock.advance(seconds=60)
    for _ in range(3):
        answer = await world.end(
            transaction_id,
            id_token="SOMEBODY",
            meter_stop_wh=700,
            readings=(reading(world.clock.now(), 700, context="Transaction.End"),),
        )
        assert answer is Authorization.INVALID, "the stop is acknowledged, its token is nobody's"
    assert [(row.id, row.seq, row.state) for row in await world.rows(ChargingSession)] == before
    assert await world.incidents() == ["UNKNOWN_STOP"]
    (kept,) = await world.rows(QuarantinedMessage)
    assert kept.payload["meterStop"] == 700
    assert [row.session_id for row in await world.rows(MeterReading)] == [None]
    assert await world.state(session_id) is SessionState.ACTIVE


async def test_a_stop_without_an_id_ends_the_one_session_it_can_mean(world: World) -> None:
    await id_token(world.app, world.tenant, "CARD1", driver_id=world.driver)
    await id_token(world.app, world.tenant, "CARD2", driver_id=await world.new_driver())
    await world.open(id_token="CARD1", meter_start_wh=100)
    await world.open(id_token="CARD2", evse_no=2, meter_start_wh=100)
    first, second = await world.rows(ChargingSession)
    world.clock.advance(seconds=60)
    await world.end("-1", id_token="card2", meter_stop_wh=50)
    assert await world.state(second.id) is SessionState.ACTIVE, "its register is below the session's start"
    await world.end("-1", id_token="card2", meter_stop_wh=300, unplugged=True)
    assert await world.state(first.id) is SessionState.ACTIVE
    row = await world.session(second.id)
    assert (row.state, row.energy_wh) == (SessionState.SETTLING, 200)


async def test_a_second_stop_changes_nothing(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(seconds=60)
    await world.end(transaction_id, meter_stop_wh=600, unplugged=True)
    await world.run_jobs()
    before, rating = await world.session(session_id), await world.rating(session_id)
    for _ in range(2):
        await world.end(transaction_id, meter_stop_wh=600, unplugged=True)
    after, again = await world.session(session_id), await world.rating(session_id)
    assert (after.seq, after.energy_wh, after.ended_at) == (before.seq, before.energy_wh, before.ended_at)
    assert rating is not None
    assert again is not None
    assert again.gross_minor == rating.gross_minor
    assert await world.incidents() == []
    assert await world.run_jobs() == []


async def test_the_same_stop_over_many_sockets_at_once_ends_once(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(seconds=60)
    await asyncio.gather(*(world.end(transaction_id, meter_stop_wh=600, unplugged=True) for _ in range(8)))
    await world.run_jobs()
    types = [event.type for event in await world.events(session_id)]
    assert types.count("session.settling") == types.count("session.completed") == 1
    assert world.payments.settled == [session_id]


async def test_a_second_stop_with_another_register_is_kept_for_an_operator(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(seconds=60)
    await world.end(transaction_id, meter_stop_wh=600, unplugged=True)
    await world.end(transaction_id, meter_stop_wh=900, unplugged=True)
    assert (await world.session(session_id)).energy_wh == 600
    assert await world.incidents() == ["UNUSABLE_MESSAGE"]


async def test_the_stop_register_is_priced_though_no_reading_is_near_it(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=10_000)
    await world.meter(transaction_id, 10_500)
    world.clock.advance(minutes=20)
    await world.end(transaction_id, meter_stop_wh=20_000, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 590
    assert (await world.session(session_id)).energy_estimated is False


async def test_a_stop_without_register_bills_the_last_sample_as_an_estimate(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 500)
    await world.meter(transaction_id, 1000)
    world.clock.advance(minutes=5)
    await world.end(transaction_id, meter_stop_wh=None, unplugged=True, reason=StopReason.POWER_LOSS)
    await world.run_jobs()
    session = await world.session(session_id)
    assert (session.energy_wh, session.energy_estimated, session.stop_reason) == (1000, True, StopReason.POWER_LOSS)
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 59


async def test_a_stop_while_the_charger_is_offline_is_pending_and_sent_when_it_is_back(world: World) -> None:
    session_id, transaction_id = await world.charging()
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, world.net.charger_id)
        assert await mark_disconnected(uow, world.clock, charger.id, generation=charger.generation)
    world.gateway.will(OFFLINE)
    await world.stop(session_id)
    await world.run_jobs()
    session = await world.session(session_id)
    assert (session.state, session.stop_requested_reason) == (SessionState.ACTIVE, StopReason.DRIVER)
    events = await world.events(session_id)
    assert events[-1].payload["stopPending"] is True
    assert "STOP_PENDING" in world.notifier.kinds()
    await world.reconcile(after=120)
    assert len(world.gateway.commands(RemoteStop)) == 1, "nothing is sent to a charger that is not there"
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        await mark_connected(uow, world.clock, world.net.charger_id, node="n", version=world.net.ref.version)
    await world.boot()
    await world.run_jobs()
    assert [command.transaction_id for command in world.gateway.commands(RemoteStop)] == [transaction_id] * 2
    await world.end(transaction_id, meter_stop_wh=1500, reason=StopReason.REMOTE, unplugged=True)
    session = await world.session(session_id)
    assert (session.state, session.stop_reason) == (SessionState.SETTLING, StopReason.DRIVER)


async def test_a_pending_stop_is_sent_after_a_reconnect_without_boot(world: World) -> None:
    session_id, _ = await world.charging()
    world.gateway.will(OFFLINE)
    await world.stop(session_id)
    await world.run_jobs()
    await world.reconcile(after=31)
    assert len(world.gateway.commands(RemoteStop)) == 2


@pytest.mark.parametrize("outcome", [TIMED_OUT, REJECTED])
async def test_a_stop_that_has_no_effect_is_repeated(world: World, outcome: object) -> None:
    session_id, _ = await world.charging()
    world.gateway.default = outcome  # type: ignore[assignment]
    await world.stop(session_id)
    await world.run_jobs()
    for attempt in (2, 3):
        await world.reconcile(after=31)
        assert len(world.gateway.commands(RemoteStop)) == attempt
    assert await world.state(session_id) is SessionState.ACTIVE


async def test_stopping_twice_or_after_the_end_is_no_error(world: World) -> None:
    session_id, transaction_id = await world.charging()
    await asyncio.gather(*(world.stop(session_id, key="k") for _ in range(10)))
    await world.stop(session_id, key="other")
    assert await world.run_jobs() == ["session.stop_charger"]
    await world.end(transaction_id, meter_stop_wh=1000, unplugged=True)
    await world.stop(session_id)
    await world.run_jobs()
    await world.stop(session_id)
    requested = [event for event in await world.events(session_id) if event.type == "session.stop_requested"]
    assert len(requested) == 1
    assert await world.state(session_id) is SessionState.COMPLETED


async def test_only_the_driver_may_stop_and_a_failed_start_cannot_be_stopped(world: World) -> None:
    session_id = await world.start()
    with pytest.raises(NotFoundError):
        await stop_charging(
            world.deps,
            world.tenant.id,
            session_id,
            actor="x",
            reason=StopReason.DRIVER,
            idempotency_key="k",
            driver_id=await world.new_driver(),
        )
    assert await world.state(session_id) is SessionState.PENDING_CHARGER
    world.gateway.will(REJECTED)
    await world.run_jobs()
    with pytest.raises(SessionNotStoppableError):
        await world.stop(session_id)
    assert (await world.session(session_id)).failure is FailureCode.CHARGER_REJECTED


async def test_a_charger_that_calls_the_evse_free_and_never_tells_the_stop_is_settled(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 700)
    last = world.clock.now()
    world.clock.advance(seconds=30)
    await world.report(EvseStatus.AVAILABLE)
    await world.reconcile(after=10 * 60)
    assert await world.state(session_id) is SessionState.ACTIVE
    await world.reconcile(after=6 * 60)
    session = await world.session(session_id)
    assert (session.state, session.stop_reason, session.energy_wh) == (
        SessionState.COMPLETED,
        StopReason.STOP_LOST,
        700,
    )
    assert session.energy_ended_at == last
    assert await world.incidents() == ["STOP_LOST"]


async def test_another_brands_charger_with_the_same_identity_and_id_touches_nothing(
    world: World, other_tenant: Tenant
) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    theirs = await network(world.app, other_tenant, identity=world.net.ref.identity, clock=world.clock)
    end = messages.ended(world.clock.advance(seconds=60), transaction_id, meter_stop_wh=700)
    async with world.bridge.unit_of_work(other_tenant.id) as uow:
        await end_transaction(uow, world.inbound, theirs.ref, end)
    assert (await world.session(session_id)).state is SessionState.ACTIVE
    assert await world.rows(QuarantinedMessage) == []
    async with world.app.read(other_tenant.id) as db:
        assert [row.charger_id for row in await db.scalars(select(QuarantinedMessage))] == [theirs.charger_id]


@pytest.mark.parametrize(
    ("admin", "failure", "reason"),
    [
        (AdminActor("boss@example.org"), FailureCode.CANCELLED_BY_OPERATOR, StopReason.OPERATOR),
        (None, FailureCode.CANCELLED_BY_DRIVER, StopReason.DRIVER),
    ],
)
async def test_a_start_says_who_cancelled_it_and_a_late_one_is_stopped_in_their_name(
    world: World, admin: AdminActor | None, failure: FailureCode, reason: StopReason
) -> None:
    session_id = await world.start()
    await world.run_jobs()
    await stop_charging(
        world.deps, world.tenant.id, session_id, actor="x", reason=reason, idempotency_key="k", admin=admin
    )
    session = await world.session(session_id)
    assert (session.state, session.failure) == (SessionState.CANCELLED, failure)
    assert [entry.operation for entry in await world.rows(AuditEntry)] == (["stopSession"] if admin else [])
    await world.run_jobs()
    assert world.payments.released == [session_id]
    await world.open(id_token=session.start_token, meter_start_wh=0)
    session = await world.session(session_id)
    assert (session.state, session.failure, session.stop_requested_reason) == (SessionState.ACTIVE, None, reason)
    (incident,) = await world.rows(Incident)
    assert incident.detail == {"cancelledBy": reason.value}
