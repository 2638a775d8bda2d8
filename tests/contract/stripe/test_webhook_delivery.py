"""Events: signed so that our verifier accepts them, at least once, in any order, and listed for replay."""

from collections import Counter
from datetime import timedelta

import pytest

from app.kit.clock import SystemClock
from app.kit.money import Money
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.errors import CardDeclinedError
from tests.contract.stripe.conftest import Hold
from tests.contract.stripe.receiver import WebhookReceiver

_HOLD_EVENTS = ["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"]
_CAPTURE_EVENTS = ["charge.captured", "payment_intent.succeeded"]


async def test_every_step_sends_its_events(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold, receiver: WebhookReceiver
) -> None:
    began = SystemClock().now() - timedelta(seconds=1)
    held = await hold()
    await gateway.capture(held.id, Money(1000, "EUR"), idempotency_key="s1:capture:1")
    await gateway.refund(held.id, Money(400, "EUR"), idempotency_key="s1:refund:1")
    waiting = await hold("pm_card_authenticationRequired", key="s2:hold:1")
    await gateway.cancel_intent(waiting.id, idempotency_key="s2:release:1")
    expected = [
        *_HOLD_EVENTS,
        *_CAPTURE_EVENTS,
        *("refund.created", "charge.refunded"),
        *("payment_intent.created", "payment_intent.requires_action", "payment_intent.canceled"),
    ]
    events = await receiver.wait_for(len(expected))
    assert Counter(event.type for event in events) == Counter(expected)
    succeeded = next(event for event in events if event.type == "payment_intent.succeeded")
    assert succeeded.object_id == held.id
    assert succeeded.payload["data"]["object"]["amount_received"] == 1000
    listed = await gateway.list_events(created_after=began)
    assert [event.type for event in listed] == expected
    assert {event.id for event in listed} == {event.id for event in events}
    only = await gateway.list_events(created_after=began, limit_types=_CAPTURE_EVENTS)
    assert [event.type for event in only] == _CAPTURE_EVENTS


async def test_a_refused_delivery_is_repeated_until_accepted(
    admin: StripeDoubleAdmin, hold: Hold, receiver: WebhookReceiver
) -> None:
    receiver.refuse_next = 2
    await hold()
    events = await receiver.wait_for(3)
    assert {event.type for event in events} == set(_HOLD_EVENTS)
    deliveries = await admin.deliveries()
    assert sum(delivery["attempts"] for delivery in deliveries) == 5


async def test_duplicates_and_reversed_order_on_demand(
    admin: StripeDoubleAdmin, hold: Hold, receiver: WebhookReceiver
) -> None:
    await admin.configure_webhooks(paused=True, duplicates=1)
    await hold()
    assert receiver.deliveries == []
    assert await admin.release_webhooks("reversed") == 6
    events = await receiver.wait_for(6)
    assert [event.type for event in events] == [name for name in reversed(_HOLD_EVENTS) for _ in range(2)]
    assert len({event.id for event in events}) == 3
    await admin.redeliver(events[0].id)
    assert (await receiver.wait_for(7))[6].id == events[0].id


async def test_an_expired_hold_is_announced(admin: StripeDoubleAdmin, hold: Hold, receiver: WebhookReceiver) -> None:
    held = await hold()
    await admin.advance_clock(8 * 24 * 60 * 60)
    events = await receiver.wait_for(5)
    canceled = next(event for event in events if event.type == "payment_intent.canceled")
    assert canceled.object_id == held.id
    assert canceled.payload["data"]["object"]["cancellation_reason"] == "automatic"


async def test_a_declined_card_is_announced(hold: Hold, receiver: WebhookReceiver) -> None:
    with pytest.raises(CardDeclinedError):
        await hold("pm_card_chargeDeclined")
    events = await receiver.wait_for(3)
    assert Counter(event.type for event in events) == Counter(
        ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    )
