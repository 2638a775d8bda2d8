"""The sweep finishes what was left between two steps; reconciliation finds what differs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from app.domain.charging.states import SessionState
from app.domain.ports import HoldStatus
from app.kit.money import Money
from payments import capture
from payments.reconcile import reconcile_payments
from payments.refunds import refund_session
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.stripe.errors import ProcessorUnavailableError
from payments.sweep import sweep_payments
from payments.tables import BillingDocument, Payment, PaymentState
from payments.webhook_job import PAYMENT_CHANGED_JOB
from tests.integration.payments.world import World

RELEASED = {"held": 0, "captured": 0, "refunded": 0}


async def _sweep(world: World) -> None:
    await sweep_payments(world.deps, world.tenant_id)


async def _jobs(world: World, name: str) -> int:
    async with world.deps.database.read(world.tenant_id) as session:
        query = text("select count(*) from pgqueuer where entrypoint = :name")
        return int(await session.scalar(query, {"name": name}) or 0)


async def test_a_hold_without_an_answer_is_asked_for_again_after_a_minute(world: World) -> None:
    session_id = await world.prepared(await world.driver_with())
    await world.admin.inject(Fault(FaultKind.DROP, Phase.AFTER, path="payment_intents$"))
    await world.payments.place_hold(world.tenant_id, session_id)
    await _sweep(world)
    assert (await world.payment(session_id)).state is PaymentState.CREATED
    world.clock.advance(seconds=61)
    await _sweep(world)
    assert (await world.payment(session_id)).state is PaymentState.AUTHORISED
    assert await _jobs(world, PAYMENT_CHANGED_JOB) == 1
    assert len(await world.intents()) == 1


@pytest.mark.parametrize("state", [SessionState.FAILED, SessionState.CANCELLED])
async def test_no_hold_outlives_a_start_that_came_to_nothing(world: World, state: SessionState) -> None:
    held = await world.held()
    unanswered = await world.prepared(await world.driver_with())
    await world.admin.inject(Fault(FaultKind.DROP, Phase.AFTER, path="payment_intents$"))
    assert (await world.payments.place_hold(world.tenant_id, unanswered)).status is HoldStatus.UNKNOWN
    for session_id in (held, unanswered):
        await world.change_session(session_id, state=state)
    await _sweep(world)
    for session_id in (held, unanswered):
        assert (await world.payment(session_id)).state is PaymentState.RELEASED
    assert await world.at_processor() == RELEASED
    assert {intent["status"] for intent in await world.intents()} == {"canceled"}


async def test_a_living_sessions_hold_is_left_alone(world: World) -> None:
    session_id = await world.held()
    await world.change_session(session_id, state=SessionState.ACTIVE)
    world.clock.advance(hours=12)
    await _sweep(world)
    assert (await world.payment(session_id)).state is PaymentState.AUTHORISED


async def test_an_interrupted_release_and_capture_are_finished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    releasing, capturing = await world.held(), await world.held()
    await world.admin.inject(Fault(FaultKind.DROP, Phase.BEFORE, path="/cancel$"))
    with pytest.raises(ProcessorUnavailableError):
        await world.payments.release(world.tenant_id, releasing)
    await world.charged(capturing, 20_000)

    async def killed(*_: object) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(capture, "_store", killed)
        with pytest.raises(RuntimeError):
            await world.settle(capturing)
    await _sweep(world)
    assert (await world.payment(releasing)).state is PaymentState.RELEASED
    assert (await world.payment(capturing)).state is PaymentState.CAPTURED
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.count(BillingDocument) == 1


async def test_one_silent_payment_does_not_keep_the_others_waiting(world: World) -> None:
    sessions = [await world.held(), await world.held()]
    for session_id in sessions:
        await world.change_session(session_id, state=SessionState.FAILED)
    await world.admin.inject(Fault(FaultKind.DROP, Phase.BEFORE, path="/cancel$"))
    report = await sweep_payments(world.deps, world.tenant_id)
    assert (report.taken, report.failed) == (2, 1)
    states = sorted([(await world.payment(session_id)).state for session_id in sessions])
    assert states == [PaymentState.RELEASED, PaymentState.RELEASING]
    await _sweep(world)
    assert {(await world.payment(session_id)).state for session_id in sessions} == {PaymentState.RELEASED}


async def test_a_hold_about_to_expire_is_captured_though_the_session_goes_on(world: World) -> None:
    session_id = await world.held()
    await world.change_session(session_id, state=SessionState.ACTIVE, cost_gross_minor=900)
    world.clock.advance(days=6, minutes=1)
    await _sweep(world)
    payment = await world.payment(session_id)
    assert (payment.state, payment.captured_minor, payment.invoiced_minor) == (PaymentState.CAPTURED, 900, None)
    assert await world.incidents() == ["PAYMENT_EXPIRED"]
    assert await world.at_processor() == {"held": 0, "captured": 900, "refunded": 0}
    # A late stop after the sweeper captured: only the rest is charged.
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.books(session_id) == {"REVENUE": -992, "VAT_PAYABLE": -188, "PROCESSOR": 1180}


@pytest.mark.parametrize("phase", [None, Phase.BEFORE, Phase.AFTER])
async def test_what_an_early_capture_took_too_much_is_given_back(world: World, phase: Phase | None) -> None:
    session_id = await world.held()
    await world.change_session(session_id, state=SessionState.ACTIVE, cost_gross_minor=1500)
    world.clock.advance(days=6, minutes=1)
    await _sweep(world)
    await world.charged(session_id, 20_000)
    if phase:
        await world.admin.inject(Fault(FaultKind.ERROR, phase, path="/refunds$"))
        with pytest.raises(ProcessorUnavailableError):
            await world.settle(session_id)
    await world.settle(session_id)
    payment = await world.payment(session_id)
    assert (payment.captured_minor, payment.refunded_minor) == (1180, 0)
    assert await world.at_processor() == {"held": 0, "captured": 1500, "refunded": 320}
    assert await world.books(session_id) == {"REVENUE": -992, "VAT_PAYABLE": -188, "PROCESSOR": 1180}
    assert await world.count(BillingDocument) == 1


async def test_a_session_stopped_but_not_settled_is_captured_before_the_hold_expires(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    world.clock.advance(days=6, minutes=1)
    await _sweep(world)
    assert (await world.payment(session_id)).captured_minor == 1180
    assert await world.incidents() == []


async def test_an_interrupted_refund_is_finished(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await world.admin.inject(Fault(FaultKind.DROP, Phase.AFTER, path="/refunds$"))
    with pytest.raises(ProcessorUnavailableError):
        await _refund(world, session_id)
    world.clock.advance(minutes=2)
    await _sweep(world)
    assert (await world.payment(session_id)).refunded_minor == 500
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 500}


async def _refund(world: World, session_id: Any) -> None:
    await refund_session(
        world.deps,
        world.tenant_id,
        session_id,
        amount_minor=500,
        reason="goodwill",
        requested_by="operator:1",
        idempotency_key="r",
    )


async def test_books_that_agree_with_the_processor_raise_nothing(world: World) -> None:
    since = world.clock.now() - timedelta(hours=1)
    session_id = await world.held(hold_minor=1000)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await _refund(world, session_id)
    await world.change_session(session_id, state=SessionState.COMPLETED)
    report = await reconcile_payments(world.deps, world.tenant_id, since=since)
    assert (report.payments, report.intents, report.mismatches) == (1, 2, [])
    assert await world.incidents() == []


async def test_captured_other_than_invoiced_raises_an_incident(world: World) -> None:
    since = world.clock.now() - timedelta(hours=1)
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await world.change_session(session_id, state=SessionState.COMPLETED)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        await uow.session.execute(update(Payment).values(captured_minor=1170))
    report = await reconcile_payments(world.deps, world.tenant_id, since=since)
    assert report.mismatches == [session_id, session_id]
    assert await world.incidents() == ["PAYMENT_MISMATCH", "PAYMENT_MISMATCH"]


async def test_money_taken_behind_our_back_raises_an_incident(world: World) -> None:
    since = world.clock.now() - timedelta(hours=1)
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await world.change_session(session_id, state=SessionState.COMPLETED)
    intent_id = (await world.payment(session_id)).intent_id
    assert intent_id is not None
    await world.gateway.refund(intent_id, Money(200, "EUR"), idempotency_key="dashboard")
    report = await reconcile_payments(world.deps, world.tenant_id, since=since)
    assert report.mismatches == [session_id]
    assert await world.incidents() == ["PAYMENT_MISMATCH"]


async def test_an_orphan_hold_at_the_processor_is_cancelled(world: World) -> None:
    since = world.clock.now() - timedelta(hours=1)
    session_id = await world.held()
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        await uow.session.execute(update(Payment).values(state=PaymentState.RELEASED))
    assert (await world.at_processor())["held"] == 5000
    await reconcile_payments(world.deps, world.tenant_id, since=since)
    assert await world.at_processor() == RELEASED
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
