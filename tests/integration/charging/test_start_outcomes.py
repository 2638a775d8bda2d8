"""What can become of a start: every way it fails tells why, frees the EVSE and gives the hold back."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from app.domain.charging.apply_hold import apply_hold
from app.domain.charging.commands import CommandOutcome, RemoteStart, RemoteStop
from app.domain.charging.errors import (
    EvseOccupiedError,
)
from app.domain.charging.payment_changed import payment_changed
from app.domain.charging.reconcile import reconcile_sessions
from app.domain.charging.send_start import send_start
from app.domain.charging.start_charging import StartRequest, start_charging
from app.domain.charging.states import FailureCode, SessionState, StartMethod, StopReason
from app.domain.charging.tables import ChargerCommand, ChargingSession, CommandState, Incident, IncidentKind
from tests.factories.world import World
from tests.fakes.gateway import FAILED, OFFLINE, REJECTED, TIMED_OUT, DiedError
from tests.fakes.payments import AUTHORISED, CANCELLED, DECLINED, REQUIRES_ACTION, UNKNOWN


async def _failed(world: World, session_id: object, code: FailureCode) -> ChargingSession:
    session = await world.session(session_id)  # type: ignore[arg-type]
    assert (session.state, session.failure) == (SessionState.FAILED, code)
    await world.run_jobs()
    assert world.payments.released == [session_id]
    assert await world.start(await world.new_driver()), "the EVSE is free again"
    return session


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(REJECTED, FailureCode.CHARGER_REJECTED), (OFFLINE, FailureCode.CHARGER_OFFLINE)],
)
async def test_a_charger_that_refuses_or_is_gone_fails_the_start_at_once(
    world: World, outcome: CommandOutcome, code: FailureCode
) -> None:
    world.gateway.will(outcome)
    session_id = await world.start()
    assert await world.run_jobs() == ["session.start_charger", "session.release"]
    await _failed(world, session_id, code)


@pytest.mark.parametrize("outcome", [TIMED_OUT, FAILED])
async def test_silence_is_uncertain_and_keeps_the_hold_until_the_deadline(
    world: World, outcome: CommandOutcome
) -> None:
    world.gateway.will(outcome)
    session_id = await world.start()
    await world.run_jobs()
    assert await world.state(session_id) is SessionState.START_UNCERTAIN
    await world.reconcile(after=89)
    assert await world.state(session_id) is SessionState.START_UNCERTAIN
    assert world.payments.released == []
    await world.reconcile(after=2)
    await _failed(world, session_id, FailureCode.CHARGER_DID_NOT_START)
    assert len(world.gateway.commands(RemoteStart)) == 1, "an uncertain start is never sent twice"


async def test_an_uncertain_start_that_begins_after_all_charges(world: World) -> None:
    world.gateway.will(TIMED_OUT)
    session_id = await world.start()
    await world.run_jobs()
    world.clock.advance(seconds=60)
    opened = await world.open(id_token=(await world.session(session_id)).start_token)
    assert opened.session_id == session_id
    assert await world.state(session_id) is SessionState.ACTIVE
    await world.reconcile(after=600)
    assert await world.state(session_id) is SessionState.ACTIVE
    assert world.payments.released == []


async def test_accepted_but_never_plugged_in_is_released(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    await world.reconcile(after=89)
    assert await world.state(session_id) is SessionState.PENDING_CHARGER
    await world.reconcile(after=2)
    await _failed(world, session_id, FailureCode.CHARGER_DID_NOT_START)


async def test_a_start_after_the_release_is_held_anew_and_billed(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    await world.reconcile(after=91)
    assert world.payments.released == [session_id]
    world.clock.advance(seconds=10)
    opened = await world.open(id_token=(await world.session(session_id)).start_token, meter_start_wh=0)
    session = await world.session(session_id)
    assert (session.state, session.failure, opened.session_id) == (SessionState.ACTIVE, None, session_id)
    assert await world.incidents() == ["LATE_START"]
    assert await world.run_jobs() == ["session.hold"]
    assert world.payments.calls["prepare_hold"] == 2
    assert world.payments.holds[session_id].off_session
    world.clock.advance(seconds=300)
    await world.end(opened.transaction_id, meter_stop_wh=1000, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 59


async def test_a_late_start_that_overtakes_the_release_keeps_its_hold(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    world.clock.advance(seconds=91)
    await reconcile_sessions(world.deps, world.tenant.id)
    assert await world.state(session_id) is SessionState.FAILED
    await world.open(id_token=(await world.session(session_id)).start_token)
    assert await world.run_jobs() == ["session.release", "session.hold"]
    assert world.payments.released == []
    assert world.payments.calls["prepare_hold"] == 1
    session = await world.session(session_id)
    assert (session.state, session.stop_requested_at) == (SessionState.ACTIVE, None)


async def test_a_start_that_the_driver_had_cancelled_is_stopped_at_once_and_billed(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    await world.stop(session_id)
    await world.run_jobs()
    assert await world.state(session_id) is SessionState.CANCELLED
    world.clock.advance(seconds=20)
    opened = await world.open(id_token=(await world.session(session_id)).start_token, meter_start_wh=0)
    session = await world.session(session_id)
    assert (session.state, session.stop_requested_reason) == (SessionState.ACTIVE, StopReason.DRIVER)
    await world.run_jobs()
    assert [command.transaction_id for command in world.gateway.commands(RemoteStop)] == [opened.transaction_id]
    await world.end(opened.transaction_id, meter_stop_wh=100, reason=StopReason.REMOTE, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 6


async def test_a_late_start_takes_the_evse_back_from_the_next_request(world: World) -> None:
    late_id = await world.start()
    await world.run_jobs()
    await world.reconcile(after=91)
    next_id = await world.start(await world.new_driver())
    world.clock.advance(seconds=5)
    await world.open(id_token=(await world.session(late_id)).start_token)
    assert await world.state(late_id) is SessionState.ACTIVE
    session = await world.session(next_id)
    assert (session.state, session.failure) == (SessionState.FAILED, FailureCode.CHARGER_DID_NOT_START)
    await world.run_jobs()
    assert next_id in world.payments.released


async def test_a_queued_start_of_before_does_not_stop_the_charge_that_followed(world: World) -> None:
    world.gateway.will(TIMED_OUT)
    first_id = await world.start()
    await world.run_jobs()
    queued_at = world.clock.advance(seconds=5)
    await world.reconcile(after=91)
    second_id, transaction_id = await world.charging(driver=await world.new_driver(), meter=500)
    world.clock.advance(seconds=30)
    opened = await world.open(at=queued_at, id_token=(await world.session(first_id)).start_token, meter_start_wh=0)
    await world.end(opened.transaction_id, at=queued_at.replace(second=59), meter_stop_wh=300)
    assert await world.state(second_id) is SessionState.ACTIVE
    await world.run_jobs()
    first = await world.session(first_id)
    assert (first.state, first.energy_wh, first.historical) == (SessionState.COMPLETED, 300, True)
    await world.meter(transaction_id, 900)
    assert (await world.session(second_id)).energy_wh == 400


async def test_a_declined_card_frees_the_evse(world: World) -> None:
    world.payments.will(DECLINED)
    session_id = await world.start()
    session = await _failed(world, session_id, FailureCode.CARD_DECLINED)
    assert session.failure_detail == "insufficient_funds"
    assert "PAYMENT_FAILED" in world.notifier.kinds()
    assert world.gateway.sent[:1] == [], "no charger was asked for a card that was declined"


async def test_authentication_then_a_webhook_starts_the_charger(world: World) -> None:
    world.payments.will(REQUIRES_ACTION)
    started = await start_charging(
        world.deps,
        world.tenant.id,
        driver_id=world.driver,
        method=StartMethod.APP,
        request=StartRequest(evse_id=world.net.evse),
        idempotency_key="k",
    )
    assert started.client_secret == "pi_1_secret_2"
    assert await world.state(started.session_id) is SessionState.PENDING_ACTION
    world.payments.will(REQUIRES_ACTION)
    await payment_changed(world.deps, world.tenant.id, started.session_id)
    assert await world.state(started.session_id) is SessionState.PENDING_ACTION
    for _ in range(3):
        await payment_changed(world.deps, world.tenant.id, started.session_id)
    session = await world.session(started.session_id)
    assert (session.state, session.deadline_at) == (SessionState.PENDING_CHARGER, None)
    assert await world.run_jobs() == ["session.start_charger"]


@pytest.mark.parametrize("last_word", [REQUIRES_ACTION, CANCELLED, UNKNOWN])
async def test_an_abandoned_authentication_is_released_after_five_minutes(world: World, last_word: object) -> None:
    world.payments.will(REQUIRES_ACTION)
    session_id = await world.start()
    await world.reconcile(after=299)
    assert await world.state(session_id) is SessionState.PENDING_ACTION
    world.payments.will(last_word)  # type: ignore[arg-type]
    await world.reconcile(after=2)
    await _failed(world, session_id, FailureCode.AUTHENTICATION_ABANDONED)


async def test_an_authentication_at_the_last_moment_counts(world: World) -> None:
    world.payments.will(REQUIRES_ACTION)
    session_id = await world.start()
    await world.reconcile(after=301)
    assert await world.state(session_id) is SessionState.PENDING_CHARGER
    assert len(world.gateway.commands(RemoteStart)) == 1


async def test_a_hold_that_comes_after_the_start_was_given_up_changes_nothing(world: World) -> None:
    world.payments.will(REQUIRES_ACTION)
    session_id = await world.start()
    await world.stop(session_id)
    await apply_hold(world.deps, world.tenant.id, session_id, AUTHORISED)
    session = await world.session(session_id)
    assert (session.state, session.failure) == (SessionState.CANCELLED, FailureCode.CANCELLED_BY_DRIVER)
    assert await world.run_jobs() == ["session.release"]
    assert world.gateway.sent == []


async def test_an_unknown_hold_is_asked_again_and_heals(world: World) -> None:
    world.payments.will(UNKNOWN, UNKNOWN)
    session_id = await world.start()
    assert await world.state(session_id) is SessionState.PENDING_PAYMENT
    await world.reconcile(after=30)
    assert await world.state(session_id) is SessionState.PENDING_PAYMENT
    await world.reconcile(after=30)
    assert await world.state(session_id) is SessionState.PENDING_CHARGER
    assert len(world.payments.holds) == 1


@pytest.mark.parametrize("silence", [UNKNOWN, DiedError("the processor cannot be reached")])
async def test_a_processor_that_stays_silent_does_not_block_the_evse_for_ever(world: World, silence: object) -> None:
    world.payments.will(UNKNOWN)
    session_id = await world.start()
    for _ in range(20):
        world.payments.will(silence)  # type: ignore[arg-type]
        await world.reconcile(after=30)
    world.payments.results.clear()
    await _failed(world, session_id, FailureCode.PAYMENT_UNAVAILABLE)


async def _cancel_payment(world: World) -> None:
    world.payments.will(UNKNOWN)


async def _cancel_action(world: World) -> None:
    world.payments.will(REQUIRES_ACTION)


async def _cancel_charger(world: World) -> None:
    pass


async def _cancel_uncertain(world: World) -> None:
    world.gateway.will(TIMED_OUT)


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        (_cancel_payment, SessionState.PENDING_PAYMENT),
        (_cancel_action, SessionState.PENDING_ACTION),
        (_cancel_charger, SessionState.PENDING_CHARGER),
        (_cancel_uncertain, SessionState.START_UNCERTAIN),
    ],
)
async def test_the_driver_may_cancel_in_every_pending_state(
    world: World, prepare: Callable[[World], Awaitable[None]], state: SessionState
) -> None:
    await prepare(world)
    session_id = await world.start()
    await world.run_jobs()
    assert await world.state(session_id) is state
    await world.stop(session_id)
    session = await world.session(session_id)
    assert (session.state, session.failure) == (SessionState.CANCELLED, FailureCode.CANCELLED_BY_DRIVER)
    await world.run_jobs()
    assert world.payments.released == [session_id]
    await world.reconcile(after=600)
    assert await world.state(session_id) is SessionState.CANCELLED


async def test_a_cancellation_while_the_command_is_on_its_way_stands(world: World) -> None:
    world.gateway.hold = asyncio.Event()
    session_id = await world.start()
    sending = asyncio.create_task(send_start(world.deps, world.tenant.id, session_id))
    await world.gateway.reached.wait()
    await world.stop(session_id)
    world.gateway.hold.set()
    await sending
    assert await world.state(session_id) is SessionState.CANCELLED
    (command,) = await world.rows(ChargerCommand)
    assert command.state is CommandState.ACCEPTED


# --- a crash between two steps ---------------------------------------------------------------------------------------


async def test_a_crash_between_session_and_hold_is_healed_with_one_hold(world: World) -> None:
    world.payments.will(DiedError())
    with pytest.raises(DiedError):
        await world.start(key="k")
    (session,) = await world.rows(ChargingSession)
    assert session.state is SessionState.PENDING_PAYMENT
    await world.reconcile(after=30)
    assert await world.state(session.id) is SessionState.PENDING_CHARGER
    assert await world.start(key="k") == session.id
    assert (len(world.payments.holds), world.payments.calls["prepare_hold"]) == (1, 1)
    assert len(world.gateway.commands(RemoteStart)) == 1


async def test_a_crash_between_hold_and_command_loses_nothing(world: World) -> None:
    session_id = await world.start()
    await world.change(ChargingSession, session_id)
    async with world.app.unit_of_work(world.tenant.id) as uow:
        await uow.session.execute(text("delete from pgqueuer"))
    await world.reconcile(after=30)
    assert len(world.gateway.commands(RemoteStart)) == 1
    assert (await world.session(session_id)).start_sent_at is not None


async def test_a_crash_while_the_command_was_on_its_way_is_uncertain_and_not_repeated(world: World) -> None:
    world.gateway.will(DiedError())
    session_id = await world.start()
    with pytest.raises(DiedError):
        await world.run_jobs()
    await world.reconcile(after=121)
    assert await world.state(session_id) is SessionState.START_UNCERTAIN
    assert len(world.gateway.commands(RemoteStart)) == 1
    opened = await world.open(id_token=(await world.session(session_id)).start_token)
    assert opened.session_id == session_id
    assert await world.state(session_id) is SessionState.ACTIVE


async def test_a_refusal_known_late_still_fails_an_uncertain_start_at_once(world: World) -> None:
    world.gateway.hold = asyncio.Event()
    world.gateway.will(REJECTED)
    session_id = await world.start()
    sending = asyncio.create_task(send_start(world.deps, world.tenant.id, session_id))
    await world.gateway.reached.wait()
    await send_start(world.deps, world.tenant.id, session_id)
    assert await world.state(session_id) is SessionState.START_UNCERTAIN
    world.gateway.hold.set()
    await sending
    await world.run_jobs()
    await _failed(world, session_id, FailureCode.CHARGER_REJECTED)


async def test_a_crash_between_settlement_and_completion_pays_once(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    world.clock.advance(seconds=300)
    await world.end(transaction_id, meter_stop_wh=1000, unplugged=True)
    world.payments.settle_error = DiedError()
    with pytest.raises(DiedError):
        await world.run_jobs()
    assert await world.state(session_id) is SessionState.SETTLING
    before = await world.rating(session_id)
    world.payments.settle_error = None
    await world.reconcile()
    assert await world.state(session_id) is SessionState.COMPLETED
    after = await world.rating(session_id)
    assert before is not None
    assert after is not None
    assert (after.id, after.gross_minor) == (before.id, 59)
    assert world.payments.settled == [session_id]


# --- at once ---------------------------------------------------------------------------------------------------------


async def test_fifty_starts_with_one_key_are_one_session_and_one_hold(world: World) -> None:
    sessions = await asyncio.gather(*(world.start(key="tap") for _ in range(50)))
    assert len(set(sessions)) == 1
    assert len(await world.rows(ChargingSession)) == 1
    assert (world.payments.calls["prepare_hold"], len(world.payments.holds)) == (1, 1)
    assert await world.run_jobs() == ["session.start_charger"]
    assert len(world.gateway.commands(RemoteStart)) == 1


async def test_of_many_drivers_at_one_evse_one_wins_and_the_others_are_told(world: World) -> None:
    drivers = [await world.new_driver() for _ in range(8)]
    results = await asyncio.gather(*(world.start(driver) for driver in drivers), return_exceptions=True)
    won = [result for result in results if not isinstance(result, BaseException)]
    lost = [result for result in results if isinstance(result, BaseException)]
    assert (len(won), {type(error) for error in lost}) == (1, {EvseOccupiedError})
    assert len(await world.rows(ChargingSession)) == len(world.payments.holds) == 1


async def test_the_late_start_incident_tells_whether_the_driver_had_cancelled(world: World) -> None:
    session_id = await world.start()
    await world.run_jobs()
    await world.stop(session_id)
    await world.open(id_token=(await world.session(session_id)).start_token)
    (incident,) = await world.rows(Incident)
    assert (incident.kind, incident.detail) == (IncidentKind.LATE_START, {"cancelledBy": "DRIVER"})
