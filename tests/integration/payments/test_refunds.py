"""Refunds: never more than captured and not yet refunded, once by the key, each with its credit note."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from app.kit.errors import NotFoundError
from app.kit.money import Money
from payments import refunds
from payments.errors import RefundRefusedError
from payments.refunds import refund_session
from payments.stripe.double.faults import Fault, FaultKind, Phase
from payments.stripe.errors import ProcessorUnavailableError
from payments.tables import BillingDocument, DocumentKind, PaymentOperation, PaymentState, Refund
from tests.integration.payments.world import World


async def _paid(world: World, hold_minor: int = 5000) -> UUID:
    session_id = await world.held(hold_minor=hold_minor)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    return session_id


async def _refund(world: World, session_id: UUID, amount: int, key: str = "k1") -> UUID:
    return await refund_session(
        world.deps,
        world.tenant_id,
        session_id,
        amount_minor=amount,
        reason="charging point failed",
        requested_by="operator:1",
        idempotency_key=key,
    )


async def test_a_full_refund_makes_a_credit_note_and_reverses_the_books(world: World) -> None:
    session_id = await _paid(world)
    await _refund(world, session_id, 1180)
    payment = await world.payment(session_id)
    assert (payment.state, payment.refunded_minor) == (PaymentState.REFUNDED, 1180)
    assert await world.books(session_id) == {}
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 1180}
    receipt, note = await world.rows(select(BillingDocument).order_by(BillingDocument.created_at))
    assert (note.kind, note.gross_minor, note.vat_minor) == (DocumentKind.CREDIT_NOTE, 1180, 188)
    assert note.number.startswith("C2026-")
    assert note.content["corrects"]["number"] == receipt.number
    assert note.content["vat"] == receipt.content["vat"]
    [refund] = await world.rows(select(Refund))
    assert refund.completed_at is not None
    assert refund.processor_id.startswith("re_")


async def test_partial_refunds_stop_at_what_was_captured(world: World) -> None:
    session_id = await _paid(world)
    await _refund(world, session_id, 500, "a")
    await _refund(world, session_id, 600, "b")
    with pytest.raises(RefundRefusedError, match="at most 80"):
        await _refund(world, session_id, 81, "c")
    await _refund(world, session_id, 80, "d")
    with pytest.raises(RefundRefusedError):
        await _refund(world, session_id, 1, "e")
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 1180}
    assert await world.books(session_id) == {}
    notes = await world.rows(select(BillingDocument).where(BillingDocument.kind == DocumentKind.CREDIT_NOTE))
    assert sum(note.vat_minor for note in notes) == 188
    assert sorted(note.number[-6:] for note in notes) == ["000001", "000002", "000003"]


async def test_the_same_key_refunds_once_even_at_once(world: World) -> None:
    session_id = await _paid(world)
    refund_ids = await asyncio.gather(*(_refund(world, session_id, 500) for _ in range(8)))
    assert len(set(refund_ids)) == 1
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 500}
    assert await world.count(BillingDocument) == 2


async def test_different_refunds_at_once_cannot_exceed_the_capture(world: World) -> None:
    session_id = await _paid(world)
    outcomes = await asyncio.gather(
        *(_refund(world, session_id, 700, str(number)) for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(outcome, RefundRefusedError) for outcome in outcomes) == 3
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 700}


async def test_a_refund_spreads_over_hold_and_charge(world: World) -> None:
    session_id = await _paid(world, hold_minor=1000)
    await _refund(world, session_id, 300)
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 300}
    operations = await world.rows(select(PaymentOperation).where(PaymentOperation.operation == "refund"))
    assert sorted(operation.amount_minor for operation in operations) == [120, 180]
    payment = await world.payment(session_id)
    assert (payment.state, payment.refunded_minor) == (PaymentState.CAPTURED, 300)


async def test_a_released_hold_and_no_payment_cannot_be_refunded(world: World) -> None:
    session_id = await world.held()
    await world.payments.release(world.tenant_id, session_id)
    with pytest.raises(RefundRefusedError, match="nothing"):
        await _refund(world, session_id, 100)
    with pytest.raises(NotFoundError):
        await _refund(world, await world.session(None), 100)
    assert await world.count(Refund) == 0
    assert await world.at_processor() == {"held": 0, "captured": 0, "refunded": 0}


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.ERROR])
async def test_an_unknown_refund_is_finished_by_a_repetition(world: World, kind: FaultKind, phase: Phase) -> None:
    session_id = await _paid(world)
    await world.admin.inject(Fault(kind, phase, path="/refunds$"))
    with pytest.raises(ProcessorUnavailableError):
        await _refund(world, session_id, 500)
    assert (await world.payment(session_id)).refunded_minor == 0
    await _refund(world, session_id, 500)
    assert (await world.payment(session_id)).refunded_minor == 500
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 500}
    assert await world.count(BillingDocument) == 2


async def test_a_kill_between_refund_and_commit_refunds_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = await _paid(world)

    async def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(refunds, "_book", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await _refund(world, session_id, 500)
    assert await world.count(BillingDocument) == 1
    await _refund(world, session_id, 500)
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 500}
    assert (await world.payment(session_id)).refunded_minor == 500
    assert await world.count(BillingDocument) == 2


async def test_money_refunded_by_hand_is_not_refunded_again(world: World) -> None:
    session_id = await _paid(world)
    payment = await world.payment(session_id)
    assert payment.intent_id is not None
    await world.gateway.refund(payment.intent_id, Money(1000, "EUR"), idempotency_key="dashboard")
    with pytest.raises(RefundRefusedError, match="processor refused"):
        await _refund(world, session_id, 500)
    [refund] = await world.rows(select(Refund))
    assert refund.failure_code is not None
    assert await world.count(BillingDocument) == 1
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 1000}
