"""A running double, shared by a module's tests and emptied before each, and the gateway and admin that talk to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from app.kit.money import Money
from payments.stripe.client import StripeGateway
from payments.stripe.double.admin_client import StripeDoubleAdmin
from payments.stripe.double.process import StripeDoubleProcess
from payments.stripe.views import IntentView
from tests.contract.stripe.receiver import SECRET, WebhookReceiver

Hold = Callable[..., Awaitable[IntentView]]


@pytest.fixture(scope="module")
def double() -> Iterator[StripeDoubleProcess]:
    with StripeDoubleProcess() as process:
        yield process


@pytest.fixture
async def admin(double: StripeDoubleProcess) -> AsyncIterator[StripeDoubleAdmin]:
    async with StripeDoubleAdmin(double.url) as client:
        await client.configure_webhooks(url="", secret="")
        await client.reset()
        yield client


@pytest.fixture
async def gateway(double: StripeDoubleProcess, admin: StripeDoubleAdmin) -> AsyncIterator[StripeGateway]:
    async with StripeGateway("sk_test_voltlane", api_base=double.url, timeout_s=5) as client:
        yield client


@pytest.fixture
async def receiver(admin: StripeDoubleAdmin) -> AsyncIterator[WebhookReceiver]:
    with WebhookReceiver() as listening:
        await admin.configure_webhooks(url=listening.url, secret=SECRET)
        yield listening
        await admin.configure_webhooks(url="")
        await asyncio.sleep(0)


def hold_through(gateway: StripeGateway) -> Hold:
    """Return a call that holds 50.00 EUR on a test card, on session unless told otherwise."""

    async def create(
        card: str = "pm_card_visa",
        *,
        key: str = "s1:hold:1",
        minor: int = 5000,
        off_session: bool = False,
        customer_id: str | None = None,
    ) -> IntentView:
        return await gateway.create_hold(
            Money(minor, "EUR"),
            customer_id=customer_id,
            payment_method_id=card,
            off_session=off_session,
            metadata={"session": "s1"},
            description="Charging at Alexanderplatz",
            idempotency_key=key,
        )

    return create


@pytest.fixture
def hold(gateway: StripeGateway) -> Hold:
    return hold_through(gateway)


@pytest.fixture
async def customer_id(gateway: StripeGateway) -> str:
    return await gateway.create_customer(
        email="driver@example.test", driver_ref="d1", tenant_ref="default", idempotency_key="d1:customer:1"
    )


SaveCard = Callable[[str], Awaitable[str]]


@pytest.fixture
def save_card(gateway: StripeGateway, admin: StripeDoubleAdmin, customer_id: str) -> SaveCard:
    """Save a test card for the customer by setup intent, authenticated where the bank wants it."""

    async def save(test_card: str) -> str:
        intent = await gateway.create_setup_intent(customer_id, idempotency_key=f"setup:{test_card}")
        intent = await gateway.confirm_setup_intent(intent.id, test_card, idempotency_key=f"confirm:{test_card}")
        if intent.status.value == "requires_action":
            await admin.authenticate(intent.id)
            intent = await gateway.retrieve_setup_intent(intent.id)
        assert intent.payment_method_id is not None
        return intent.payment_method_id

    return save
