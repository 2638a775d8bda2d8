"""Holding, capturing, releasing and refunding: what is stored at the processor after each."""

from datetime import timedelta

import pytest

from app.kit.money import Money
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.errors import (
    AlreadyCapturedError,
    AmountTooSmallError,
    CaptureExceedsHoldError,
    IntentCanceledError,
    IntentStateError,
    RefundExceedsCaptureError,
)
from payments.stripe.views import IntentStatus
from tests.contract.stripe.conftest import Hold, SaveCard

_DAY_S = 24 * 60 * 60


async def test_hold_then_partial_capture_then_refund(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    held = await hold()
    assert held.status is IntentStatus.REQUIRES_CAPTURE
    assert (held.amount, held.amount_capturable) == (Money(5000, "EUR"), Money(5000, "EUR"))
    assert (held.card_brand, held.card_last4) == ("visa", "4242")
    assert held.capture_before == held.created + timedelta(days=7)
    assert (await admin.totals())["money"] == {"eur": {"held": 5000, "captured": 0, "refunded": 0}}

    captured = await gateway.capture(held.id, Money(1234, "EUR"), idempotency_key="s1:capture:1")
    assert captured.status is IntentStatus.SUCCEEDED
    assert (captured.amount_received, captured.amount_capturable) == (Money(1234, "EUR"), Money(0, "EUR"))

    refund = await gateway.refund(held.id, Money(234, "EUR"), idempotency_key="s1:refund:1")
    assert (refund.amount, refund.status, refund.intent_id) == (Money(234, "EUR"), "succeeded", held.id)
    with pytest.raises(RefundExceedsCaptureError):
        await gateway.refund(held.id, Money(1001, "EUR"), idempotency_key="s1:refund:2")
    await gateway.refund(held.id, Money(1000, "EUR"), idempotency_key="s1:refund:3")
    with pytest.raises(RefundExceedsCaptureError):
        await gateway.refund(held.id, Money(1, "EUR"), idempotency_key="s1:refund:4")
    assert (await gateway.retrieve_intent(held.id)).amount_refunded == Money(1234, "EUR")
    assert [r.amount.minor for r in await gateway.list_refunds(held.id)] == [1000, 234]
    assert (await admin.totals())["money"] == {"eur": {"held": 0, "captured": 1234, "refunded": 1234}}


async def test_capture_twice_takes_the_money_once(gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold) -> None:
    held = await hold()
    await gateway.capture(held.id, Money(2000, "EUR"), idempotency_key="s1:capture:1")
    again = await gateway.capture(held.id, Money(2000, "EUR"), idempotency_key="s1:capture:1")
    assert again.amount_received == Money(2000, "EUR")
    with pytest.raises(AlreadyCapturedError) as refused:
        await gateway.capture(held.id, Money(2000, "EUR"), idempotency_key="s1:capture:2")
    assert refused.value.intent.amount_received == Money(2000, "EUR")
    with pytest.raises(AlreadyCapturedError):
        await gateway.cancel_intent(held.id, idempotency_key="s1:release:1")
    assert (await admin.totals())["money"]["eur"]["captured"] == 2000


async def test_capture_over_the_hold_is_refused(gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold) -> None:
    held = await hold()
    with pytest.raises(CaptureExceedsHoldError):
        await gateway.capture(held.id, Money(5001, "EUR"), idempotency_key="s1:capture:1")
    assert (await admin.totals())["money"]["eur"] == {"held": 5000, "captured": 0, "refunded": 0}


async def test_amounts_below_the_minimum_are_refused(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    with pytest.raises(AmountTooSmallError):
        await hold(minor=49)
    held = await hold(key="s1:hold:2", minor=50)
    with pytest.raises(AmountTooSmallError):
        await gateway.capture(held.id, Money(49, "EUR"), idempotency_key="s1:capture:1")
    assert (await admin.totals())["intents_by_status"] == {"requires_capture": 1}


async def test_release_is_repeatable_and_nothing_can_be_refunded(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    held = await hold()
    for key in ("s1:release:1", "s1:release:1", "s1:release:2"):
        released = await gateway.cancel_intent(held.id, reason="abandoned", idempotency_key=key)
        assert (released.status, released.cancellation_reason) == (IntentStatus.CANCELED, "abandoned")
        assert (released.amount_capturable, released.amount_refunded) == (Money(0, "EUR"), Money(0, "EUR"))
    with pytest.raises(IntentStateError):
        await gateway.refund(held.id, Money(100, "EUR"), idempotency_key="s1:refund:1")
    assert (await admin.totals())["refunds"] == 0


async def test_an_expired_hold_is_cancelled_and_cannot_be_captured(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    held = await hold()
    await admin.advance_clock(7 * _DAY_S - 60)
    assert (await gateway.retrieve_intent(held.id)).status is IntentStatus.REQUIRES_CAPTURE
    await admin.advance_clock(61)
    with pytest.raises(IntentCanceledError) as refused:
        await gateway.capture(held.id, Money(1000, "EUR"), idempotency_key="s1:capture:1")
    assert refused.value.intent.cancellation_reason == "automatic"
    assert (await admin.totals())["money"]["eur"] == {"held": 0, "captured": 0, "refunded": 0}


async def test_a_merchant_initiated_visa_hold_lives_shorter(hold: Hold, save_card: SaveCard, customer_id: str) -> None:
    visa = await hold(await save_card("pm_card_visa"), customer_id=customer_id, off_session=True)
    assert visa.capture_before == visa.created + timedelta(days=4, hours=18)
    other = await hold(
        await save_card("pm_card_mastercard"), customer_id=customer_id, off_session=True, key="s2:hold:1"
    )
    assert other.capture_before == other.created + timedelta(days=7)


async def test_charge_now_takes_the_amount_at_once(
    gateway: StripeGateway, admin: StripeDoubleAdmin, save_card: SaveCard, customer_id: str
) -> None:
    card = await save_card("pm_card_mastercard")
    charged = await gateway.charge_now(
        Money(777, "EUR"),
        customer_id=customer_id,
        payment_method_id=card,
        off_session=True,
        metadata={"session": "s1"},
        description="Rest above the hold",
        idempotency_key="s1:excess:1",
    )
    assert (charged.status, charged.amount_received) == (IntentStatus.SUCCEEDED, Money(777, "EUR"))
    assert (await admin.totals())["money"] == {"eur": {"held": 0, "captured": 777, "refunded": 0}}


@pytest.mark.parametrize(
    ("currency", "minor", "sent"), [("JPY", 4000, 4000), ("KWD", 12340, 12340), ("ISK", 500, 50000)]
)
async def test_amounts_follow_the_currency(
    gateway: StripeGateway, admin: StripeDoubleAdmin, currency: str, minor: int, sent: int
) -> None:
    held = await gateway.create_hold(
        Money(minor, currency),
        customer_id=None,
        payment_method_id="pm_card_visa",
        off_session=False,
        metadata={},
        description="Charging",
        idempotency_key="s1:hold:1",
    )
    assert held.amount == Money(minor, currency)
    assert [intent["amount"] for intent in await admin.intents()] == [sent]
