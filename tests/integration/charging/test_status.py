"""What chargers say of their EVSEs, and what their sockets say of them."""

import asyncio

from sqlalchemy import func, select

from app.db.tables import Event
from app.domain.charging.states import ChargingState, SessionState
from app.domain.charging.tables import ChargingSession, Incident, SessionPhase
from app.domain.stations.connection import mark_connected, mark_disconnected
from app.domain.stations.states import EvseStatus, OcppVersion
from app.domain.stations.tables import Charger, Evse
from tests.factories.drivers import id_token
from tests.factories.world import World


async def test_a_status_is_stored_with_its_time_and_an_event(world: World) -> None:
    at = world.clock.advance(seconds=5)
    await world.report(EvseStatus.FAULTED, error_code="GroundFailure", ocpp_status="Faulted")
    evse = await world.evse()
    assert (evse.status, evse.status_at, evse.fault_code, evse.last_seen_at) == (
        EvseStatus.FAULTED,
        at,
        "GroundFailure",
        at,
    )
    (event,) = [event for event in await world.events(evse.id) if event.type == "evse.status"]
    assert (event.payload["status"], event.payload["stale"]) == ("FAULTED", False)
    await world.report(EvseStatus.AVAILABLE)
    assert (await world.evse()).fault_code is None


async def test_a_status_older_than_the_known_one_changes_nothing_but_is_logged(world: World) -> None:
    old = world.clock.now()
    newer = world.clock.advance(seconds=60)
    await world.report(EvseStatus.CHARGING)
    await world.report(EvseStatus.AVAILABLE, at=old)
    evse = await world.evse()
    assert (evse.status, evse.status_at) == (EvseStatus.CHARGING, newer)
    assert [event.payload["stale"] for event in await world.events(evse.id)] == [False, True]


async def test_a_stale_status_does_not_unplug_a_parked_car(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    old = world.clock.now()
    world.clock.advance(minutes=5)
    await world.report(EvseStatus.OCCUPIED, ocpp_status="Finishing")
    await world.end(transaction_id, meter_stop_wh=1000)
    await world.report(EvseStatus.AVAILABLE, at=old)
    assert await world.state(session_id) is SessionState.PARKING


async def test_after_a_reconnect_an_old_timestamp_is_believed_again(world: World) -> None:
    began = world.clock.now()
    world.clock.advance(seconds=1)
    await world.report(EvseStatus.AVAILABLE)
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, world.net.charger_id)
        await mark_disconnected(uow, world.clock, charger.id, generation=charger.generation)
        await mark_connected(uow, world.clock, charger.id, node="n", version=OcppVersion.V16)
    assert (await world.evse()).status is EvseStatus.UNKNOWN
    world.clock.advance(minutes=10)
    await world.report(EvseStatus.AVAILABLE, at=began)
    assert (await world.evse()).status is EvseStatus.AVAILABLE


async def test_a_status_of_the_whole_charger_touches_no_evse(world: World) -> None:
    await world.report(EvseStatus.FAULTED, evse_no=None, error_code="InternalError")
    await world.report(EvseStatus.FAULTED, evse_no=0, error_code="InternalError")
    charger = await world.row(Charger, world.net.charger_id)
    assert charger.fault_code == "InternalError"
    assert {evse.status for evse in await world.rows(Evse)} == {EvseStatus.AVAILABLE}
    await world.report(EvseStatus.AVAILABLE, evse_no=None)
    assert (await world.row(Charger, world.net.charger_id)).fault_code is None


async def test_an_evse_nobody_described_is_added_once(world: World) -> None:
    await asyncio.gather(*(world.report(EvseStatus.AVAILABLE, evse_no=7) for _ in range(6)))
    (added,) = [evse for evse in await world.rows(Evse) if evse.ocpp_evse_no == 7]
    assert (added.status, added.location_id, added.charger_id) == (
        EvseStatus.AVAILABLE,
        world.net.location_id,
        world.net.charger_id,
    )


async def test_a_charger_without_a_site_still_gets_its_reports_stored(world: World) -> None:
    await world.change(Charger, world.net.charger_id, location_id=None)
    await world.report(EvseStatus.FAULTED, evse_no=9, error_code="OtherError")
    await id_token(world.app, world.tenant, "CARD", driver_id=world.driver)
    opened = await world.open(evse_no=9, id_token="CARD")
    assert int(opened.transaction_id) > 0
    (session,) = await world.rows(ChargingSession)
    assert (session.evse_id, session.suspect) == (None, True)


async def test_a_fault_during_a_charge_tells_the_driver_once_and_opens_an_incident(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    faulted = world.clock.advance(minutes=1)
    world.clock.advance(seconds=30)
    for _ in range(2):
        await world.report(EvseStatus.FAULTED, at=faulted, error_code="HighTemperature")
    told = world.notifier.only("CHARGER_FAULT")
    assert (told.driver_id, told.payload["error_code"]) == (world.driver, "HighTemperature")
    (incident,) = await world.rows(Incident)
    assert (incident.session_id, incident.detail["errorCode"]) == (session_id, "HighTemperature")
    phases = await world.rows(SessionPhase)
    assert [(phase.charging_state, phase.began_at) for phase in phases][-1] == (
        ChargingState.SUSPENDED_EVSE,
        faulted,
    )
    await world.meter(transaction_id, 100)
    assert await world.state(session_id) is SessionState.ACTIVE


async def test_an_old_sockets_close_changes_nothing(world: World) -> None:
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        first = (await uow.session.get_one(Charger, world.net.charger_id)).generation
        second = await mark_connected(uow, world.clock, world.net.charger_id, node="b", version=OcppVersion.V16)
    assert second == first + 1
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        assert not await mark_disconnected(uow, world.clock, world.net.charger_id, generation=first)
    charger = await world.row(Charger, world.net.charger_id)
    assert (charger.connected, charger.node, charger.disconnected_at) == (True, "b", None)
    assert (await world.evse()).status is EvseStatus.AVAILABLE
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        assert await mark_disconnected(uow, world.clock, world.net.charger_id, generation=second)
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        assert not await mark_disconnected(uow, world.clock, world.net.charger_id, generation=second)
    charger = await world.row(Charger, world.net.charger_id)
    assert (charger.connected, charger.node) == (False, None)
    assert {evse.status for evse in await world.rows(Evse)} == {EvseStatus.UNKNOWN}


async def test_sockets_at_once_get_generations_of_their_own(world: World) -> None:
    async def connect(node: int) -> int:
        async with world.bridge.unit_of_work(world.tenant.id) as uow:
            return await mark_connected(
                uow, world.clock, world.net.charger_id, node=f"n{node}", version=OcppVersion.V16
            )

    generations = await asyncio.gather(*(connect(node) for node in range(6)))
    assert len(set(generations)) == 6
    charger = await world.row(Charger, world.net.charger_id)
    assert charger.generation == max(generations)


async def test_a_disconnect_leaves_the_session_running(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    async with world.bridge.unit_of_work(world.tenant.id) as uow:
        charger = await uow.session.get_one(Charger, world.net.charger_id)
        await mark_disconnected(uow, world.clock, charger.id, generation=charger.generation)
    await world.reconcile(after=3600)
    assert await world.state(session_id) is SessionState.ACTIVE
    await world.meter(transaction_id, 9000)
    assert (await world.session(session_id)).energy_wh == 9000


async def test_a_boot_is_stored_and_answers_the_registration(world: World) -> None:
    await world.boot()
    charger = await world.row(Charger, world.net.charger_id)
    assert (charger.vendor, charger.model, charger.booted_at) == ("V", "M", world.clock.now())
    async with world.app.read(world.tenant.id) as db:
        count = select(func.count()).select_from(Event).where(Event.type == "charger.booted")
        assert await db.scalar(count) == 1
