"""Customers and their saved cards at Stripe."""

from typing import TYPE_CHECKING

from payments.stripe.connection import StripeConnection, keyed
from payments.stripe.views import (
    CardView,
    EphemeralKeyView,
    SetupIntentView,
    card_view,
    ephemeral_key_view,
    setup_intent_view,
)

if TYPE_CHECKING:
    import stripe


class CardOperations:
    """The part of the gateway that saves cards; no card data passes through it, only Stripe's ids."""

    def __init__(self, connection: StripeConnection) -> None:
        self._connection = connection

    async def create_customer(
        self, *, email: str | None, driver_ref: str, tenant_ref: str, idempotency_key: str
    ) -> str:
        """Create the customer that a driver's cards belong to and return its id."""
        params: stripe.params.CustomerCreateParams = {"metadata": {"driver": driver_ref, "tenant": tenant_ref}}
        if email:
            params["email"] = email
        body = await self._connection.call(
            lambda client: client.v1.customers.create_async(params, keyed(idempotency_key))
        )
        return str(body["id"])

    async def create_setup_intent(
        self, customer_id: str, *, idempotency_key: str, metadata: dict[str, str] | None = None
    ) -> SetupIntentView:
        """Begin saving a card for off-session payments; the app finishes it with the client secret."""
        params: stripe.params.SetupIntentCreateParams = {
            "customer": customer_id,
            "usage": "off_session",
            "allowed_payment_method_types": ["card"],
            "metadata": metadata or {},
        }
        return setup_intent_view(
            await self._connection.call(
                lambda client: client.v1.setup_intents.create_async(params, keyed(idempotency_key))
            )
        )

    async def retrieve_setup_intent(self, setup_intent_id: str) -> SetupIntentView:
        """Read a setup intent's present state."""
        return setup_intent_view(
            await self._connection.call(lambda client: client.v1.setup_intents.retrieve_async(setup_intent_id))
        )

    async def confirm_setup_intent(
        self, setup_intent_id: str, payment_method_id: str, *, idempotency_key: str
    ) -> SetupIntentView:
        """Confirm in the app's place (tests and the demo, with Stripe's test cards).

        Raises CardDeclinedError if the bank refuses.
        """
        params: stripe.params.SetupIntentConfirmParams = {"payment_method": payment_method_id}
        return setup_intent_view(
            await self._connection.call(
                lambda client: client.v1.setup_intents.confirm_async(setup_intent_id, params, keyed(idempotency_key))
            )
        )

    async def cancel_setup_intent(self, setup_intent_id: str, *, idempotency_key: str) -> SetupIntentView:
        """Give up saving a card."""
        return setup_intent_view(
            await self._connection.call(
                lambda client: client.v1.setup_intents.cancel_async(setup_intent_id, {}, keyed(idempotency_key))
            )
        )

    async def retrieve_payment_method(self, payment_method_id: str) -> CardView:
        """Read a card."""
        return card_view(
            await self._connection.call(lambda client: client.v1.payment_methods.retrieve_async(payment_method_id))
        )

    async def list_payment_methods(self, customer_id: str) -> list[CardView]:
        """Return the customer's cards, newest first."""
        params: stripe.params.CustomerPaymentMethodListParams = {"type": "card", "limit": 100}
        bodies = await self._connection.pages(
            lambda client: client.v1.customers.payment_methods.list_async(customer_id, params)
        )
        return [card_view(body) for body in bodies]

    async def detach_payment_method(self, payment_method_id: str, *, idempotency_key: str) -> CardView:
        """Take a card from its customer for good."""
        return card_view(
            await self._connection.call(
                lambda client: client.v1.payment_methods.detach_async(payment_method_id, {}, keyed(idempotency_key))
            )
        )

    async def create_ephemeral_key(self, customer_id: str, *, idempotency_key: str) -> EphemeralKeyView:
        """Give the app an hour's access to the customer, for its payment sheet."""
        params: stripe.params.EphemeralKeyCreateParams = {"customer": customer_id}
        return ephemeral_key_view(
            await self._connection.call(
                lambda client: client.v1.ephemeral_keys.create_async(params, keyed(idempotency_key))
            )
        )
