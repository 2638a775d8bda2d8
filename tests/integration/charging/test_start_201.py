"""A charge on an OCPP 2.0.1 charger: bound by remoteStartId or by the id RequestStart named, billed once authorised."""

from app.domain.charging.commands import CommandOutcome, RemoteStart
from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import (
    ChargingSession,
    CommandState,
    MeterReading,
    QuarantinedMessage,
    UnboundTransaction,
)
from tests.factories.messages import reading
from tests.factories.world import World

TX = "4f6d1c0e-7d3a-4f1e-9a54-1e2b3c4d5e6f"


async def _asked(world: World) -> ChargingSession:
    session_id = await world.start()
    await world.run_jobs()
    return await world.session(session_id)


async def test_a_started_event_binds_by_remote_start_id(world: World) -> None:
    session = await _asked(world)
    (command,) = world.gateway.commands(RemoteStart)
    assert command.remote_start_id == session.remote_start_id
    opened = await world.open(transaction_id=TX, remote_start_id=command.remote_start_id, meter_start_wh=700)
    assert (opened.transaction_id, opened.session_id) == (TX, session.id)
    await world.update(TX, readings=(reading(world.clock.now(), 700, context="Transaction.Begin"),), seq_no=0)
    world.clock.advance(seconds=60)
    await world.update(TX, readings=(reading(world.clock.now(), 1300),), seq_no=1)
    row = await world.session(session.id)
    assert (row.state, row.energy_wh, row.ocpp_transaction_id) == (SessionState.ACTIVE, 600, TX)
    world.clock.advance(seconds=5)
    await world.end(TX, meter_stop_wh=1350, seq_no=2, unplugged=True)
    await world.run_jobs()
    row = await world.session(session.id)
    assert (row.state, row.energy_wh, row.seq_no_gap) == (SessionState.COMPLETED, 650, False)


async def test_a_transaction_before_authorisation_is_billed_from_authorisation(world: World) -> None:
    opened = await world.open(transaction_id=TX, meter_start_wh=None)
    assert opened.session_id is None
    await world.update(TX, readings=(reading(world.clock.now(), 5000),), seq_no=0)
    assert await world.rows(ChargingSession) == []
    assert len(await world.rows(UnboundTransaction)) == 1
    world.clock.advance(seconds=120)
    session = await _asked(world)
    await world.update(TX, remote_start_id=session.remote_start_id, seq_no=1)
    row = await world.session(session.id)
    assert (row.state, row.started_at, row.meter_start_wh) == (SessionState.ACTIVE, world.clock.now(), 5000)
    assert row.evse_id == world.net.evse
    assert [item.session_id for item in await world.rows(MeterReading)] == [session.id]
    world.clock.advance(seconds=60)
    await world.update(TX, readings=(reading(world.clock.now(), 5400),), seq_no=2)
    assert (await world.session(session.id)).energy_wh == 400


async def test_the_reading_of_the_authorising_event_is_the_baseline(world: World) -> None:
    await world.open(transaction_id=TX, meter_start_wh=4900)
    world.clock.advance(seconds=60)
    session = await _asked(world)
    at = world.clock.now()
    await world.update(TX, remote_start_id=session.remote_start_id, readings=(reading(at, 5000),))
    row = await world.session(session.id)
    assert (row.meter_start_wh, row.energy_wh) == (5000, 0)


async def test_the_id_that_the_remote_start_named_binds_any_later_event(world: World) -> None:
    await world.open(transaction_id=TX, meter_start_wh=100)
    answer = {"status": "Accepted", "transactionId": TX}
    world.gateway.will(CommandOutcome(state=CommandState.ACCEPTED, status="Accepted", answer=answer))
    session = await _asked(world)
    assert (session.state, session.ocpp_transaction_id) == (SessionState.PENDING_CHARGER, TX)
    await world.update(TX, readings=(reading(world.clock.now(), 100),), seq_no=1)
    assert await world.state(session.id) is SessionState.ACTIVE
    world.clock.advance(seconds=60)
    await world.end(TX, meter_stop_wh=500, unplugged=True, seq_no=2)
    row = await world.session(session.id)
    assert (row.state, row.energy_wh) == (SessionState.SETTLING, 400)


async def test_an_end_that_is_the_first_thing_heard_of_a_named_transaction_is_billed(world: World) -> None:
    answer = {"status": "Accepted", "transactionId": TX}
    world.gateway.will(CommandOutcome(state=CommandState.ACCEPTED, status="Accepted", answer=answer))
    session = await _asked(world)
    began = world.clock.now()
    ended_at = world.clock.advance(seconds=60)
    readings = (reading(began, 1000, context="Transaction.Begin"), reading(ended_at, 1500, context="Transaction.End"))
    await world.end(TX, evse_no=1, meter_stop_wh=1500, readings=readings, unplugged=True)
    row = await world.session(session.id)
    assert (row.state, row.energy_wh, row.started_at) == (SessionState.SETTLING, 500, began)


async def test_an_id_of_another_session_is_not_believed(world: World) -> None:
    first = await _asked(world)
    await world.open(transaction_id=TX, remote_start_id=first.remote_start_id)
    answer = {"status": "Accepted", "transactionId": TX}
    world.gateway.will(CommandOutcome(state=CommandState.ACCEPTED, status="Accepted", answer=answer))
    second_id = await world.start(await world.new_driver(), evse=world.net.evses[1])
    await world.run_jobs()
    second = await world.session(second_id)
    assert (second.state, second.ocpp_transaction_id) == (SessionState.PENDING_CHARGER, None)
    assert (await world.session(first.id)).ocpp_transaction_id == TX


async def test_nobody_authorised_and_no_energy_leaves_no_incident(world: World) -> None:
    await world.open(transaction_id=TX, meter_start_wh=100)
    await world.end(TX, meter_stop_wh=100, readings=(reading(world.clock.now(), 100, context="Transaction.End"),))
    assert await world.incidents() == []
    assert await world.rows(ChargingSession) == []
    assert len(await world.rows(MeterReading)) == 1


async def test_nobody_authorised_but_energy_flowed_is_quarantined(world: World) -> None:
    await world.open(transaction_id=TX, meter_start_wh=None)
    await world.update(TX, readings=(reading(world.clock.now(), 1000),))
    world.clock.advance(seconds=60)
    await world.end(TX, readings=(reading(world.clock.now(), 1600, context="Transaction.End"),))
    assert await world.incidents() == ["UNKNOWN_STOP"]
    assert len(await world.rows(QuarantinedMessage)) == 1
    assert {row.session_id for row in await world.rows(MeterReading)} == {None}
    assert len(await world.rows(MeterReading)) == 2


async def test_a_gap_in_the_sequence_is_an_incident_and_repeats_are_none(world: World) -> None:
    session = await _asked(world)
    await world.open(transaction_id=TX, remote_start_id=session.remote_start_id)
    for number in (0, 1, 1, 0, 2):
        await world.update(TX, seq_no=number)
    assert await world.incidents() == []
    await world.update(TX, seq_no=5)
    await world.update(TX, seq_no=3)
    assert await world.incidents() == ["SEQUENCE_GAP"]
    row = await world.session(session.id)
    assert (row.seq_no_gap, row.last_seq_no) == (True, 5)


async def test_a_charger_that_always_counts_zero_yields_one_right_session(world: World) -> None:
    session = await _asked(world)
    await world.open(transaction_id=TX, remote_start_id=session.remote_start_id, meter_start_wh=0)
    for register in (200, 400):
        at = world.clock.advance(seconds=60)
        for _ in range(2):
            await world.update(TX, seq_no=0, readings=(reading(at, register),))
    await world.end(TX, seq_no=0, meter_stop_wh=450, unplugged=True)
    row = await world.session(session.id)
    assert (row.energy_wh, row.seq_no_gap, len(await world.rows(MeterReading))) == (450, False, 2)


async def test_a_late_update_never_reopens_an_ended_transaction(world: World) -> None:
    session = await _asked(world)
    await world.open(transaction_id=TX, remote_start_id=session.remote_start_id, meter_start_wh=0)
    at = world.clock.advance(seconds=60)
    await world.end(TX, meter_stop_wh=500, unplugged=True)
    await world.run_jobs()
    before = await world.session(session.id)
    decision = await world.update(
        TX, at=at, id_token=session.start_token, remote_start_id=session.remote_start_id, readings=(reading(at, 900),)
    )
    assert decision is Authorization.ACCEPTED
    after = await world.session(session.id)
    assert (after.state, after.energy_wh, after.seq) == (SessionState.COMPLETED, 500, before.seq)
    late = [row for row in await world.rows(MeterReading) if row.register_wh == 900]
    assert [(row.session_id, row.energy_wh) for row in late] == [(session.id, None)]
