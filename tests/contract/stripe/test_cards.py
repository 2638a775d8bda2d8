"""Cards: saved, declined, authenticated, given up, and told apart by account."""

import pytest

from app.kit.money import Money
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.process import StripeDoubleProcess
from payments.stripe.errors import (
    AuthenticationRequiredError,
    CardDeclinedError,
    InvalidRequestToProcessorError,
    ProcessorCredentialsError,
    ProcessorObjectMissingError,
)
from payments.stripe.views import IntentStatus
from tests.contract.stripe.conftest import Hold, SaveCard


@pytest.mark.parametrize(
    ("card", "codes"),
    [
        ("pm_card_chargeDeclined", ("card_declined", "generic_decline")),
        ("pm_card_chargeDeclinedInsufficientFunds", ("card_declined", "insufficient_funds")),
        ("pm_card_chargeDeclinedExpiredCard", ("expired_card", None)),
        ("pm_card_chargeDeclinedIncorrectCvc", ("incorrect_cvc", "incorrect_cvc")),
    ],
)
async def test_a_declined_card_holds_nothing(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold, card: str, codes: tuple[str, str | None]
) -> None:
    with pytest.raises(CardDeclinedError) as declined:
        await hold(card)
    assert (declined.value.code, declined.value.decline_code) == codes
    assert declined.value.intent_id is not None
    with pytest.raises(CardDeclinedError):  # the same answer to the same key
        await hold(card)
    intent = await gateway.retrieve_intent(declined.value.intent_id)
    assert intent.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    assert (intent.last_error_code, intent.decline_code) == codes
    totals = await admin.totals()
    assert totals["intents_by_status"] == {"requires_payment_method": 1}
    assert totals["money"] == {"eur": {"held": 0, "captured": 0, "refunded": 0}}


async def test_authentication_completed_holds_the_amount(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    waiting = await hold("pm_card_authenticationRequired")
    assert waiting.status is IntentStatus.REQUIRES_ACTION
    assert waiting.client_secret.startswith(f"{waiting.id}_secret_")
    assert (await admin.totals())["money"]["eur"]["held"] == 0
    await admin.authenticate(waiting.id)
    held = await gateway.retrieve_intent(waiting.id)
    assert (held.status, held.amount_capturable) == (IntentStatus.REQUIRES_CAPTURE, Money(5000, "EUR"))


async def test_authentication_failed_lets_another_card_be_tried(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    waiting = await hold("pm_card_threeDSecure2Required")
    await admin.authenticate(waiting.id, succeeded=False)
    failed = await gateway.retrieve_intent(waiting.id)
    assert failed.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.last_error_code == "payment_intent_authentication_failure"
    held = await gateway.confirm_intent(waiting.id, "pm_card_visa", idempotency_key="s1:confirm:1")
    assert (held.status, held.card_last4) == (IntentStatus.REQUIRES_CAPTURE, "4242")


async def test_authentication_abandoned_is_cancelled(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold
) -> None:
    waiting = await hold("pm_card_authenticationRequired")
    await gateway.cancel_intent(waiting.id, reason="abandoned", idempotency_key="s1:release:1")
    assert (await admin.totals())["intents_by_status"] == {"canceled": 1}


async def test_an_off_session_payment_brings_the_driver_back(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold, save_card: SaveCard, customer_id: str
) -> None:
    card = await save_card("pm_card_authenticationRequired")
    with pytest.raises(AuthenticationRequiredError) as wanted:
        await hold(card, customer_id=customer_id, off_session=True)
    intent = wanted.value.intent
    assert (intent.status, intent.payment_method_id) == (IntentStatus.REQUIRES_PAYMENT_METHOD, card)
    waiting = await gateway.confirm_intent(intent.id, card, idempotency_key="s1:confirm:1")
    assert waiting.status is IntentStatus.REQUIRES_ACTION
    await admin.authenticate(intent.id)
    assert (await gateway.retrieve_intent(intent.id)).status is IntentStatus.REQUIRES_CAPTURE


async def test_a_card_authenticated_at_setup_pays_off_session(
    hold: Hold, save_card: SaveCard, customer_id: str
) -> None:
    card = await save_card("pm_card_authenticationRequiredOnSetup")
    held = await hold(card, customer_id=customer_id, off_session=True)
    assert held.status is IntentStatus.REQUIRES_CAPTURE


async def test_saved_cards_are_listed_and_removed(
    gateway: StripeGateway, hold: Hold, save_card: SaveCard, customer_id: str
) -> None:
    visa, apple = await save_card("pm_card_visa"), await save_card("pm_double_applePay")
    listed = await gateway.list_payment_methods(customer_id)
    assert [(card.id, card.brand, card.last4, card.wallet) for card in listed] == [
        (apple, "visa", "4242", "apple_pay"),
        (visa, "visa", "4242", None),
    ]
    removed = await gateway.detach_payment_method(visa, idempotency_key=f"{visa}:detach:1")
    assert removed.customer_id is None
    assert [card.id for card in await gateway.list_payment_methods(customer_id)] == [apple]
    with pytest.raises(InvalidRequestToProcessorError):
        await hold(visa, customer_id=customer_id)


async def test_a_declining_card_cannot_be_saved(
    gateway: StripeGateway, admin: StripeDoubleAdmin, save_card: SaveCard, customer_id: str
) -> None:
    with pytest.raises(CardDeclinedError) as declined:
        await save_card("pm_card_chargeDeclined")
    assert declined.value.intent_id is not None
    setup = await gateway.retrieve_setup_intent(declined.value.intent_id)
    assert (setup.status, setup.last_error_code) == (IntentStatus.REQUIRES_PAYMENT_METHOD, "card_declined")
    assert await gateway.list_payment_methods(customer_id) == []


async def test_another_customers_card_is_refused(
    gateway: StripeGateway, admin: StripeDoubleAdmin, hold: Hold, save_card: SaveCard
) -> None:
    card = await save_card("pm_card_visa")
    stranger = await gateway.create_customer(
        email=None, driver_ref="d2", tenant_ref="default", idempotency_key="d2:customer:1"
    )
    with pytest.raises(InvalidRequestToProcessorError):
        await hold(card, customer_id=stranger)
    assert (await admin.totals())["money"] == {"eur": {"held": 0, "captured": 0, "refunded": 0}}


async def test_an_ephemeral_key_is_for_one_customer(gateway: StripeGateway, customer_id: str) -> None:
    key = await gateway.create_ephemeral_key(customer_id, idempotency_key="d1:ephemeral:1")
    assert key.secret.startswith("ek_test_")
    with pytest.raises(ProcessorObjectMissingError):
        await gateway.create_ephemeral_key("cus_unknown", idempotency_key="d1:ephemeral:2")


async def test_accounts_and_keys_are_separate(double: StripeDoubleProcess, hold: Hold) -> None:
    held = await hold()
    async with StripeGateway("sk_test_voltlane", api_base=double.url, connect_account="acct_partner") as partner:
        with pytest.raises(ProcessorObjectMissingError):
            await partner.retrieve_intent(held.id)
    async with StripeGateway("sk_live_voltlane", api_base=double.url) as live:
        with pytest.raises(ProcessorCredentialsError) as refused:
            await live.retrieve_intent(held.id)
    assert "voltlane" not in str(refused.value)
