"""Webhooks: genuine ones are stored once and acted on by what the processor says now; all others change nothing."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text

from app.domain.ports import HoldStatus
from payments.cards import start_card_setup
from payments.debts import pay_debt
from payments.refunds import refund_session
from payments.stripe.double.deliveries import signature_header
from payments.stripe.webhooks import MalformedWebhookError, SignatureInvalidError, StaleWebhookError
from payments.tables import Debt, DebtState, PaymentMethod, PaymentState, WebhookEvent
from payments.webhook_job import PAYMENT_CHANGED_JOB, process_webhook
from payments.webhooks import Acceptance, receive_webhook
from tests.integration.payments.world import World

SECRET, OLD_SECRET = "whsec_new", "whsec_old"


def _event(kind: str, body: dict[str, Any], event_id: str = "evt_1", created: int = 1_790_000_000) -> bytes:
    document = {"id": event_id, "object": "event", "type": kind, "created": created, "data": {"object": body}}
    return json.dumps(document).encode()


async def _receive(world: World, raw: bytes, *, secret: str = SECRET, age_s: int = 0) -> Acceptance:
    header = signature_header(raw, secret, int(world.clock.now().timestamp()) - age_s)
    return await receive_webhook(world.deps, [SECRET, OLD_SECRET], raw, header)


async def _process(world: World) -> list[str | None]:
    for event_id in await world.rows(select(WebhookEvent.id).order_by(WebhookEvent.created_at)):
        await process_webhook(world.deps, world.tenant_id, event_id)
    return await world.rows(select(WebhookEvent.outcome).order_by(WebhookEvent.created_at))


async def _jobs(world: World, name: str) -> int:
    async with world.deps.database.read(world.tenant_id) as session:
        query = text("select count(*) from pgqueuer where entrypoint = :name")
        return int(await session.scalar(query, {"name": name}) or 0)


async def _waiting(world: World) -> tuple[Any, dict[str, Any]]:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    await world.payments.place_hold(world.tenant_id, session_id)
    [intent] = await world.intents()
    return session_id, intent


async def test_an_authenticated_hold_advances_the_payment_and_tells_the_domain(world: World) -> None:
    session_id, intent = await _waiting(world)
    await world.admin.authenticate(intent["id"])
    raw = _event("payment_intent.amount_capturable_updated", intent)
    assert await _receive(world, raw) is Acceptance.STORED
    assert await _jobs(world, "payment.webhook") == 1
    assert await _process(world) == ["authorised"]
    assert (await world.payment(session_id)).state is PaymentState.AUTHORISED
    assert await _jobs(world, PAYMENT_CHANGED_JOB) == 1


async def test_a_duplicate_is_acknowledged_and_changes_nothing(world: World) -> None:
    _, intent = await _waiting(world)
    await world.admin.authenticate(intent["id"])
    raw = _event("payment_intent.amount_capturable_updated", intent)
    accepted = [await _receive(world, raw) for _ in range(3)]
    assert accepted == [Acceptance.STORED, Acceptance.DUPLICATE, Acceptance.DUPLICATE]
    await _process(world)
    await _process(world)
    assert await world.count(WebhookEvent) == 1
    assert await _jobs(world, "payment.webhook") == 1
    assert await _jobs(world, PAYMENT_CHANGED_JOB) == 1


async def test_an_old_event_that_comes_late_cannot_turn_a_payment_back(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    [intent] = await world.intents()
    await world.settle(session_id)
    for number, kind in enumerate(("payment_intent.canceled", "payment_intent.created", "payment_intent.succeeded")):
        await _receive(world, _event(kind, intent, f"evt_{number}"))
    assert await _process(world) == ["no_change"] * 3
    assert (await world.payment(session_id)).state is PaymentState.CAPTURED
    assert await world.at_processor() == {"held": 0, "captured": 1180, "refunded": 0}


async def test_a_failed_authentication_fails_the_payment(world: World) -> None:
    session_id, intent = await _waiting(world)
    await world.admin.authenticate(intent["id"], succeeded=False)
    await _receive(world, _event("payment_intent.payment_failed", intent))
    assert await _process(world) == ["failed"]
    assert (await world.payment(session_id)).state is PaymentState.FAILED
    assert await _jobs(world, PAYMENT_CHANGED_JOB) == 1


async def test_an_expired_hold_is_told_with_an_incident(world: World) -> None:
    await world.held()
    [intent] = await world.intents()
    await world.admin.advance_clock(8 * 86400)
    await _receive(world, _event("payment_intent.canceled", intent))
    assert await _process(world) == ["failed"]
    assert await world.incidents() == ["PAYMENT_EXPIRED"]


async def test_a_hold_confirmed_after_it_was_given_up_is_cancelled(world: World) -> None:
    session_id, intent = await _waiting(world)
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        # The processor did not hear of the release: the payment is released here, the intent lives there.
        await uow.session.execute(text("update payments set state = 'RELEASED'"))
    await world.admin.authenticate(intent["id"])
    assert (await world.at_processor())["held"] == 5000
    await _receive(world, _event("payment_intent.amount_capturable_updated", intent))
    assert await _process(world) == ["cancelled"]
    assert (await world.at_processor())["held"] == 0
    assert (await world.payment(session_id)).state is PaymentState.RELEASED


@pytest.mark.parametrize("metadata", [{}, {"tenant": "00000000-0000-0000-0000-000000000000"}, {"tenant": "x"}])
async def test_an_event_of_something_unknown_is_acknowledged_and_ignored(
    world: World, metadata: dict[str, str]
) -> None:
    raw = _event("payment_intent.succeeded", {"id": "pi_unknown", "object": "payment_intent", "metadata": metadata})
    assert await _receive(world, raw) is Acceptance.IGNORED
    assert await world.count(WebhookEvent) == 0


async def test_an_event_of_an_object_that_is_gone_ends_without_an_error(world: World) -> None:
    body = {"id": "pi_gone", "object": "payment_intent", "metadata": {"tenant": str(world.tenant_id)}}
    await _receive(world, _event("payment_intent.succeeded", body))
    await _receive(world, _event("invoice.created", {**body, "id": "in_1"}, "evt_2"))
    assert sorted(str(outcome) for outcome in await _process(world)) == ["ignored", "object_missing"]


async def test_wrong_secrets_stale_signatures_and_rubbish_are_refused(world: World) -> None:
    _, intent = await _waiting(world)
    raw = _event("payment_intent.succeeded", intent)
    with pytest.raises(SignatureInvalidError):
        await _receive(world, raw, secret="whsec_other")
    with pytest.raises(StaleWebhookError):
        await _receive(world, raw, age_s=301)
    with pytest.raises(MalformedWebhookError):
        await _receive(world, b"[]")
    assert await world.count(WebhookEvent) == 0
    assert await _receive(world, raw, secret=OLD_SECRET) is Acceptance.STORED


async def test_a_card_whose_app_died_is_saved_by_the_webhook(world: World) -> None:
    driver_id = await world.driver()
    setup = await start_card_setup(world.deps, world.tenant_id, driver_id)
    intent_id = setup.client_secret.split("_secret_")[0]
    await world.gateway.confirm_setup_intent(intent_id, "pm_card_visa", idempotency_key="c")
    metadata = {"tenant": str(world.tenant_id)}
    await _receive(world, _event("setup_intent.succeeded", {"id": intent_id, "metadata": metadata}))
    assert await _process(world) == ["card_saved"]
    [card] = await world.rows(select(PaymentMethod))
    assert (card.driver_id, card.is_default) == (driver_id, True)


async def test_a_debt_paid_on_the_drivers_phone_is_booked(world: World) -> None:
    session_id = await world.prepared(await world.driver_with("pm_card_authenticationRequired"))
    await world.payments.place_hold(world.tenant_id, session_id, off_session=True)
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    [debt] = await world.rows(select(Debt))
    paying = await pay_debt(world.deps, world.tenant_id, driver_id=debt.driver_id, debt_id=debt.id)
    assert paying.status is HoldStatus.REQUIRES_ACTION
    intent = (await world.intents())[0]
    await _receive(world, _event("payment_intent.requires_action", intent))
    assert (await world.admin.authenticate(intent["id"]))["status"] == "succeeded"
    await _receive(world, _event("payment_intent.succeeded", intent, "evt_2"))
    outcomes = await _process(world)
    assert outcomes[0] == "debt_authorised"
    [debt] = await world.rows(select(Debt))
    assert debt.state is DebtState.PAID
    assert (await world.books(session_id))["PROCESSOR"] == 1180


async def test_a_dispute_after_a_partial_refund_calls_an_operator(world: World) -> None:
    session_id = await world.held()
    await world.charged(session_id, 20_000)
    await world.settle(session_id)
    await refund_session(
        world.deps,
        world.tenant_id,
        session_id,
        amount_minor=300,
        reason="goodwill",
        requested_by="operator:1",
        idempotency_key="r",
    )
    [intent] = await world.intents()
    body = {"id": "dp_1", "object": "dispute", "payment_intent": intent["id"], "amount": 1180}
    assert await _receive(world, _event("charge.dispute.created", body)) is Acceptance.STORED
    assert await _process(world) == ["disputed"]
    payment = await world.payment(session_id)
    assert (payment.state, payment.refunded_minor) == (PaymentState.DISPUTED, 300)
    assert await world.incidents() == ["PAYMENT_DISPUTED"]
    await world.books(session_id)


async def test_an_event_for_a_session_that_has_no_payment_is_no_error(world: World) -> None:
    await world.held()
    [intent] = await world.intents()
    async with world.deps.database.unit_of_work(world.tenant_id) as uow:
        await uow.session.execute(text("delete from payment_operations"))
        await uow.session.execute(text("delete from payments"))
    await _receive(world, _event("payment_intent.succeeded", intent))
    assert await _process(world) == ["unknown_session"]
