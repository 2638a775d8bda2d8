"""A charge by app on an OCPP 1.6 charger: bound by its one-time id tag, once, whatever is sent again."""

import asyncio

from app.domain.charging.commands import RemoteStart
from app.domain.charging.settle import settle_session
from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import ChargerCommand, ChargingSession, CommandState
from app.domain.stations.states import EvseStatus
from tests.factories import messages
from tests.factories.world import World


async def test_from_the_request_to_the_receipt(world: World) -> None:
    session_id = await world.start()
    assert await world.state(session_id) is SessionState.PENDING_CHARGER
    assert world.payments.holds[session_id].amount.minor == 5000
    await world.run_jobs()
    (command,) = world.gateway.commands(RemoteStart)
    session = await world.session(session_id)
    assert (command.evse_no, command.id_token) == (1, session.start_token)
    assert len(command.id_token) == 20
    (row,) = await world.rows(ChargerCommand)
    assert (row.state, row.session_id, row.answer) == (CommandState.ACCEPTED, session_id, {"status": "Accepted"})

    assert await world.authorize(command.id_token.lower()) is Authorization.ACCEPTED
    opened = await world.open(id_token=command.id_token, meter_start_wh=1_000_000)
    assert opened.authorization is Authorization.ACCEPTED
    assert int(opened.transaction_id) > 0
    session = await world.session(session_id)
    assert session.state is SessionState.ACTIVE
    assert session.started_at == world.clock.now()
    assert (session.meter_start_wh, session.cost_gross_minor, session.deadline_at) == (1_000_000, 0, None)

    await world.meter(opened.transaction_id, 1_000_400, power_w=48_000, soc=31)
    await world.meter(opened.transaction_id, 1_001_000, power_w=36_000, soc=33)
    session = await world.session(session_id)
    assert (session.energy_wh, session.power_w, session.soc_percent) == (1000, 36_000, 33)
    assert session.cost_gross_minor == 59
    world.clock.advance(seconds=10)
    await world.end(opened.transaction_id, meter_stop_wh=1_001_100, unplugged=True)
    session = await world.session(session_id)
    assert (session.state, session.energy_wh, session.energy_estimated) == (SessionState.SETTLING, 1100, False)
    assert await world.run_jobs() == ["session.settle"]
    assert await world.state(session_id) is SessionState.COMPLETED
    rating = await world.rating(session_id)
    assert rating is not None
    assert (rating.gross_minor, rating.net_minor, rating.vat_minor) == (65, 55, 10)
    assert world.payments.settled == [session_id]
    assert world.notifier.kinds() == ["CHARGING_STARTED", "CHARGING_ENDED"]
    told = world.notifier.only("CHARGING_ENDED").payload
    assert (told["energy_wh"], told["cost"], told["receipt_number"]) == (1100, {"minor": 65, "currency": "EUR"}, "R-1")


async def test_cable_first_and_app_first_both_start(world: World) -> None:
    await world.report(EvseStatus.OCCUPIED, ocpp_status="Preparing")
    cable_first = await world.start()
    await world.report(EvseStatus.OCCUPIED, evse_no=2, ocpp_status="Preparing")
    world.clock.advance(seconds=5)
    app_first = await world.start(evse=world.net.evses[1])
    await world.run_jobs()
    for number, session_id in ((1, cable_first), (2, app_first)):
        token = (await world.session(session_id)).start_token
        await world.open(evse_no=number, id_token=token)
        session = await world.session(session_id)
        assert (session.state, session.evse_id) == (SessionState.ACTIVE, world.net.evses[number - 1])


async def test_a_one_time_tag_holds_on_its_charger_only(world: World) -> None:
    session_id = await world.start()
    token = (await world.session(session_id)).start_token or ""
    other = await world.another_charger()
    assert await world.authorize(token, charger=other.ref) is Authorization.INVALID
    opened = await world.open(id_token=token, charger=other.ref)
    assert opened.authorization is Authorization.INVALID
    assert await world.state(session_id) is SessionState.PENDING_CHARGER


async def test_the_same_start_under_a_new_message_id_gets_the_first_answer(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    token = (await world.session(session_id)).start_token
    start = messages.started(world.clock.now(), id_token=token, meter_start_wh=5)
    first = await world.open_as(start)
    events = await world.events(session_id)
    world.clock.advance(seconds=30)
    again = await world.open_as(start)
    assert again == first
    assert len(await world.rows(ChargingSession)) == 1
    assert [event.seq for event in await world.events(session_id)] == [event.seq for event in events]


async def test_the_same_start_over_two_sockets_at_once_is_one_session(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    token = (await world.session(session_id)).start_token
    start = messages.started(world.clock.now(), id_token=token, meter_start_wh=5)
    answers = await asyncio.gather(*(world.open_as(start) for _ in range(8)))
    assert len(set(answers)) == 1
    assert answers[0].authorization is Authorization.ACCEPTED
    assert [row.id for row in await world.rows(ChargingSession)] == [session_id]


async def test_a_second_start_with_a_used_tag_is_refused_and_touches_nothing(world: World) -> None:
    session_id, transaction_id = await world.charging()
    token = (await world.session(session_id)).start_token
    before = await world.session(session_id)
    world.clock.advance(seconds=30)
    opened = await world.open(id_token=token, meter_start_wh=1200)
    assert opened.authorization is not Authorization.ACCEPTED
    assert opened.transaction_id not in ("0", transaction_id)
    after = await world.session(session_id)
    assert (after.state, after.seq, after.ocpp_transaction_id) == (before.state, before.seq, transaction_id)


async def test_a_repeated_settlement_is_one_rating_and_one_receipt(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(seconds=600)
    await world.end(transaction_id, meter_stop_wh=5000, unplugged=True)
    await asyncio.gather(*(settle_session(world.deps, world.tenant.id, session_id) for _ in range(4)))
    await settle_session(world.deps, world.tenant.id, session_id)
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 295
    assert world.payments.settled == [session_id]
    completed = [event for event in await world.events(session_id) if event.type == "session.completed"]
    assert len(completed) == 1
