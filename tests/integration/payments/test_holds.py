"""Holds: placed once, declined, authenticated, unknown, given back."""

import asyncio

import pytest
from sqlalchemy import select

from app.domain.drivers.tables import DriverKind
from app.domain.ports import HoldStatus
from app.kit.money import Money
from payments import hold_place
from payments.errors import NoPaymentMethodError, OpenDebtError
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.stripe.errors import ProcessorUnavailableError
from payments.tables import Debt, DebtState, PaymentOperation, PaymentState
from tests.integration.payments.world import EUR, World


async def test_a_hold_is_placed_with_a_derived_key_and_its_card_is_remembered(world: World) -> None:
    session_id = await world.prepared(await world.driver_with())
    result = await world.payments.place_hold(world.tenant_id, session_id)
    assert result.status is HoldStatus.AUTHORISED
    payment = await world.payment(session_id)
    assert payment.state is PaymentState.AUTHORISED
    assert (payment.card_brand, payment.card_last4, payment.hold_minor) == ("visa", "4242", 5000)
    assert payment.capture_before is not None
    [operation] = await world.rows(select(PaymentOperation))
    assert operation.key == f"{session_id}:hold:1"
    assert operation.done_at is not None
    assert "secret" not in str(operation.result)
    assert await world.at_processor() == {"held": 5000, "captured": 0, "refunded": 0}


async def test_fifty_concurrent_holds_of_a_session_are_one_intent(world: World) -> None:
    session_id = await world.prepared(await world.driver_with())
    results = await asyncio.gather(*(world.payments.place_hold(world.tenant_id, session_id) for _ in range(50)))
    assert {result.status for result in results} == {HoldStatus.AUTHORISED}
    assert len(await world.intents()) == 1
    assert await world.count(PaymentOperation) == 1


async def test_a_declined_card_fails_with_the_banks_code_and_may_be_replaced(world: World) -> None:
    driver_id = await world.driver_with("pm_card_chargeCustomerFail")
    session_id = await world.prepared(driver_id)
    result = await world.payments.place_hold(world.tenant_id, session_id)
    assert result.status is HoldStatus.DECLINED
    assert result.failure_code == "generic_decline"
    payment = await world.payment(session_id)
    assert (payment.state, payment.failure_code) == (PaymentState.FAILED, "generic_decline")
    again = await world.payments.place_hold(world.tenant_id, session_id)
    assert again.status is HoldStatus.DECLINED
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}

    other = await world.card(driver_id, "pm_card_mastercard")
    await world.prepare(session_id, driver_id, card=other)
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    payment = await world.payment(session_id)
    assert (payment.attempt, payment.failure_code, payment.card_brand) == (2, None, "mastercard")
    assert await world.at_processor() == {"held": 5000, "captured": 0, "refunded": 0}


async def test_authentication_is_asked_for_and_its_success_is_read_again(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    result = await world.payments.place_hold(world.tenant_id, session_id)
    assert result.status is HoldStatus.REQUIRES_ACTION
    payment = await world.payment(session_id)
    assert payment.intent_id is not None
    assert result.client_secret is not None
    assert result.client_secret.startswith(payment.intent_id)
    # A repeated call gives the app the same secret again.
    assert await world.payments.place_hold(world.tenant_id, session_id) == result
    await world.admin.authenticate(payment.intent_id)
    assert (await world.payments.read_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    assert (await world.payment(session_id)).state is PaymentState.AUTHORISED
    assert len(await world.intents()) == 1


async def test_failed_authentication_is_a_decline_and_leaves_nothing_to_confirm(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    await world.payments.place_hold(world.tenant_id, session_id)
    intent_id = (await world.payment(session_id)).intent_id
    assert intent_id is not None
    await world.admin.authenticate(intent_id, succeeded=False)
    result = await world.payments.read_hold(world.tenant_id, session_id)
    assert result.status is HoldStatus.DECLINED
    assert (await world.payment(session_id)).state is PaymentState.FAILED
    [intent] = await world.intents()
    assert intent["status"] == "canceled"


async def test_abandoned_authentication_is_released(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    [intent] = await world.intents()
    assert intent["status"] == "canceled"
    result = await world.payments.read_hold(world.tenant_id, session_id)
    assert result.status is HoldStatus.CANCELLED


async def test_off_session_a_card_that_wants_the_driver_is_declined(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    result = await world.payments.place_hold(world.tenant_id, session_id, off_session=True)
    assert (result.status, result.failure_code) == (HoldStatus.DECLINED, "authentication_required")


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
async def test_a_dropped_answer_is_unknown_and_the_same_call_tells_later(world: World, phase: Phase) -> None:
    session_id = await world.prepared(await world.driver_with())
    await world.admin.inject(Fault(FaultKind.DROP, phase, path="payment_intents$"))
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.UNKNOWN
    assert (await world.payment(session_id)).state is PaymentState.CREATED
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    assert len(await world.intents()) == 1
    assert await world.at_processor() == {"held": 5000, "captured": 0, "refunded": 0}


@pytest.mark.parametrize(("phase", "keys"), [(Phase.BEFORE, 2), (Phase.AFTER, 1)])
async def test_a_replayed_500_is_looked_up_and_only_then_tried_with_the_next_key(
    world: World, phase: Phase, keys: int
) -> None:
    session_id = await world.prepared(await world.driver_with())
    await world.admin.inject(Fault(FaultKind.ERROR, phase, path="payment_intents$"))
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.UNKNOWN
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    assert len(await world.intents()) == 1
    operations = await world.rows(select(PaymentOperation.key).order_by(PaymentOperation.key))
    assert operations == [f"{session_id}:hold:{number}" for number in range(1, keys + 1)]
    assert (await world.payment(session_id)).state is PaymentState.AUTHORISED


async def test_a_crash_between_the_processors_answer_and_our_commit_makes_no_second_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await world.prepared(await world.driver_with())

    async def crash(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(hold_place, "store_hold", crash)
        with pytest.raises(RuntimeError, match="killed"):
            await world.payments.place_hold(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.CREATED
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    assert len(await world.intents()) == 1


async def test_a_key_too_old_to_be_trusted_is_looked_up_not_repeated(world: World) -> None:
    session_id = await world.prepared(await world.driver_with())
    await world.admin.inject(Fault(FaultKind.DROP, Phase.AFTER, path="payment_intents$"))
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.UNKNOWN
    before = await world.calls("/payment_intents")
    world.clock.advance(hours=25)
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    posts = [r for r in await world.admin.requests() if r["path"].endswith("/payment_intents")][before:]
    assert [request["method"] for request in posts] == ["GET"]
    assert len(await world.intents()) == 1


async def test_release_gives_the_hold_back_once(world: World) -> None:
    session_id = await world.held()
    for _ in range(2):
        await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}
    assert await world.calls("/cancel") == 1


async def test_release_of_a_hold_that_was_never_asked_for_calls_nobody(world: World) -> None:
    session_id = await world.prepared(await world.driver_with())
    await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    assert await world.intents() == []
    # A hold placed too late finds the session given up.
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.CANCELLED
    assert await world.intents() == []


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
async def test_release_after_an_unanswered_hold_leaves_no_orphan(world: World, phase: Phase) -> None:
    session_id = await world.prepared(await world.driver_with())
    await world.admin.inject(Fault(FaultKind.DROP, phase, path="payment_intents$"))
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    [intent] = await world.intents()
    assert intent["status"] == "canceled"
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}


async def test_release_that_is_not_confirmed_raises_and_is_finished_by_a_repetition(world: World) -> None:
    session_id = await world.held()
    await world.admin.inject(Fault(FaultKind.ERROR, Phase.BEFORE, path="/cancel$"))
    with pytest.raises(ProcessorUnavailableError):
        await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASING
    await world.payments.release(world.tenant_id, session_id)
    assert (await world.payment(session_id)).state is PaymentState.RELEASED
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}


async def test_a_late_start_after_the_release_is_held_anew(world: World) -> None:
    driver_id = await world.driver_with()
    session_id = await world.prepared(driver_id)
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.payments.release(world.tenant_id, session_id)
    await world.prepare(session_id, driver_id)
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    assert (await world.payment(session_id)).attempt == 2
    assert await world.at_processor() == {"held": 5000, "captured": 0, "refunded": 0}


async def test_preparing_again_changes_nothing_about_a_living_hold(world: World) -> None:
    driver_id = await world.driver_with()
    session_id = await world.prepared(driver_id)
    await world.prepare(session_id, driver_id, 9000)
    assert (await world.payment(session_id)).hold_minor == 5000
    await world.payments.place_hold(world.tenant_id, session_id)
    await world.prepare(session_id, driver_id, 9000)
    payment = await world.payment(session_id)
    assert (payment.state, payment.hold_minor, payment.attempt) == (PaymentState.AUTHORISED, 5000, 1)
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    assert len(await world.intents()) == 1


async def test_no_card_and_an_open_debt_refuse_the_preparation(world: World) -> None:
    cardless = await world.driver()
    session_id = await world.session(cardless)
    with pytest.raises(NoPaymentMethodError) as refused:
        await world.prepare(session_id, cardless)
    assert refused.value.code == "NO_PAYMENT_METHOD"
    driver_id = await world.driver_with()
    session_id = await world.session(driver_id)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        uow.session.add(
            Debt(driver_id=driver_id, session_id=session_id, amount_minor=900, currency=EUR, state=DebtState.OPEN)
        )
    with pytest.raises(OpenDebtError) as blocked:
        await world.prepare(session_id, driver_id)
    assert blocked.value.code == "OPEN_DEBT"


async def test_an_expired_hold_is_read_as_cancelled_with_an_incident(world: World) -> None:
    session_id = await world.held()
    await world.admin.advance_clock(8 * 86400)
    result = await world.payments.read_hold(world.tenant_id, session_id)
    assert (result.status, result.failure_code) == (HoldStatus.CANCELLED, "hold_expired")
    assert await world.incidents() == ["PAYMENT_EXPIRED"]


async def test_a_guest_holds_like_a_driver_with_an_account(world: World) -> None:
    session_id = await world.prepared(await world.driver_with(kind=DriverKind.GUEST), 2500)
    assert (await world.payments.place_hold(world.tenant_id, session_id)).status is HoldStatus.AUTHORISED
    payment = await world.payment(session_id)
    assert Money(payment.hold_minor, payment.currency) == Money(2500, EUR)
