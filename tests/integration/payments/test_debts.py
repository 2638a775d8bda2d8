"""Debts: paid once, with the driver present where the bank wants that, or given up by an operator."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.ports import HoldStatus
from app.kit.errors import ConflictError, NotFoundError
from payments.debt_waive import waive_debt
from payments.debts import DebtPayment, open_debts, pay_debt, read_debt_payment
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.tables import Debt, DebtState, PaymentState
from tests.integration.payments.world import World

PAID = {"REVENUE": -992, "VAT_PAYABLE": -188, "PROCESSOR": 1180}


async def _owing(world: World, card: str = "pm_card_chargeCustomerFail") -> Debt:
    session_id = await world.prepared(await world.driver_with(card))
    await world.payments.place_hold(world.tenant_id, session_id, off_session=True)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    [debt] = await world.rows(select(Debt))
    assert isinstance(debt, Debt)
    return debt


async def _pay(world: World, debt: Debt, card: UUID | None = None) -> DebtPayment:
    return await pay_debt(
        world.deps, world.tenant_id, driver_id=debt.driver_id, debt_id=debt.id, payment_method_id=card
    )


async def _state(world: World) -> DebtState:
    [debt] = await world.rows(select(Debt))
    assert isinstance(debt, Debt)
    return debt.state


async def test_a_debt_is_paid_with_another_card_and_starts_are_free_again(world: World) -> None:
    debt = await _owing(world)
    assert (await _pay(world, debt)).status is HoldStatus.DECLINED
    assert await _state(world) is DebtState.OPEN
    card = await world.card(debt.driver_id, "pm_card_mastercard")
    assert await _pay(world, debt, card) == DebtPayment(HoldStatus.AUTHORISED)
    assert await _state(world) is DebtState.PAID
    payment = await world.payment(debt.session_id)
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 1180)
    assert await world.books(debt.session_id) == PAID
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    await world.prepared(debt.driver_id, card=card)
    async with world.deps.database.read(world.tenant_id) as session:
        assert await open_debts(session, debt.driver_id) == []


async def test_paying_at_once_takes_the_money_once(world: World) -> None:
    debt = await _owing(world)
    card = await world.card(debt.driver_id, "pm_card_mastercard")
    results = await asyncio.gather(*(_pay(world, debt, card) for _ in range(8)))
    assert {result.status for result in results} == {HoldStatus.AUTHORISED}
    assert (await _pay(world, debt, card)).status is HoldStatus.AUTHORISED
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}
    assert await world.books(debt.session_id) == PAID


async def test_the_driver_is_brought_back_and_one_payment_is_continued(world: World) -> None:
    debt = await _owing(world, "pm_card_authenticationRequired")
    first = await _pay(world, debt)
    assert first.status is HoldStatus.REQUIRES_ACTION
    assert first.client_secret is not None
    assert await _pay(world, debt) == first
    await world.admin.authenticate(first.client_secret.split("_secret_")[0])
    assert (await read_debt_payment(world.deps, world.tenant_id, debt.session_id)).status is HoldStatus.AUTHORISED
    assert await _state(world) is DebtState.PAID
    assert await world.books(debt.session_id) == PAID


async def test_a_failed_authentication_can_no_longer_be_confirmed(world: World) -> None:
    debt = await _owing(world, "pm_card_authenticationRequired")
    first = await _pay(world, debt)
    assert first.client_secret is not None
    intent_id = first.client_secret.split("_secret_")[0]
    await world.admin.authenticate(intent_id, succeeded=False)
    second = await _pay(world, debt)
    assert second.status is HoldStatus.REQUIRES_ACTION
    assert second.client_secret != first.client_secret
    statuses = {intent["id"]: intent["status"] for intent in await world.intents()}
    assert statuses[intent_id] == "canceled"


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.ERROR])
async def test_an_unknown_payment_is_repeated_with_the_same_outcome(world: World, kind: FaultKind) -> None:
    debt = await _owing(world)
    card = await world.card(debt.driver_id, "pm_card_mastercard")
    await world.admin.inject(Fault(kind, Phase.AFTER, path="payment_intents$"))
    assert (await _pay(world, debt, card)).status is HoldStatus.UNKNOWN
    assert (await _pay(world, debt, card)).status is HoldStatus.AUTHORISED
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}


async def test_an_operator_waives_a_debt_and_the_books_say_so(world: World) -> None:
    debt = await _owing(world)
    for _ in range(2):
        await waive_debt(world.deps, world.tenant_id, debt.id)
    assert await _state(world) is DebtState.WAIVED
    payment = await world.payment(debt.session_id)
    assert (payment.state, payment.waived_minor) == (PaymentState.RELEASED, 1180)
    assert await world.books(debt.session_id) == {"REVENUE": -992, "VAT_PAYABLE": -188, "WRITE_OFF": 1180}
    await world.settle(debt.session_id)
    assert await world.count(Debt) == 1


async def test_waiving_cancels_a_payment_that_waits_and_respects_one_that_was_made(world: World) -> None:
    debt = await _owing(world, "pm_card_authenticationRequired")
    first = await _pay(world, debt)
    assert first.client_secret is not None
    await world.admin.authenticate(first.client_secret.split("_secret_")[0])
    with pytest.raises(ConflictError):
        await waive_debt(world.deps, world.tenant_id, debt.id)
    assert await _state(world) is DebtState.PAID
    assert await world.books(debt.session_id) == PAID


async def test_another_drivers_debt_is_not_found(world: World) -> None:
    debt = await _owing(world)
    with pytest.raises(NotFoundError):
        await pay_debt(world.deps, world.tenant_id, driver_id=await world.driver(), debt_id=debt.id)
