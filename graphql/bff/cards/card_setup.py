"""`startCardSetup` and `completeCardSetup`: saving a card with the processor's own SDK in between."""

import strawberry

from bff.access import DriverField
from bff.cards.processor import CardRefusedError, PaymentUnavailableError, told_to_the_driver
from bff.cards.types import PaymentMethod
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import global_id, row_id
from payments.cards import complete_card_setup, start_card_setup
from payments.errors import CardNotSavedError


@payload(PaymentUnavailableError)
class StartCardSetupPayload:
    """What the payment SDK needs, and the id to complete the setup with."""

    setup_id: strawberry.ID | None = None
    client_secret: str | None = None
    customer_id: str | None = None


@strawberry.input
class CompleteCardSetupInput:
    """Which setup the SDK has finished."""

    setup_id: strawberry.ID


@payload(CardNotSavedError, CardRefusedError, PaymentUnavailableError)
class CompleteCardSetupPayload:
    """The saved card; the first one is the default."""

    payment_method: PaymentMethod | None = None


@strawberry.type
class CardSetup:
    """The mutations."""

    @mutation(DriverField())
    @staticmethod
    async def start_card_setup(info: Info) -> StartCardSetupPayload:
        """Begin to save a card, with consent to later charges for energy that the driver starts."""
        context = info.context
        async with told_to_the_driver():
            started = await start_card_setup(context.services.payments, context.tenant_id, context.driver_id)
        return StartCardSetupPayload(
            setup_id=strawberry.ID(global_id("CardSetup", started.setup_id)),
            client_secret=started.client_secret,
            customer_id=started.customer_id,
        )

    @mutation(DriverField())
    @staticmethod
    async def complete_card_setup(info: Info, input: CompleteCardSetupInput) -> CompleteCardSetupPayload:  # noqa: A002
        """Store the card of a finished setup, as the processor tells it; safe to repeat."""
        context = info.context
        setup_id = row_id(input.setup_id, "CardSetup", "setupId")
        async with told_to_the_driver():
            card_id = await complete_card_setup(
                context.services.payments, context.tenant_id, context.driver_id, setup_id
            )
        row = await context.loaders.cards.load(card_id)
        return CompleteCardSetupPayload(payment_method=PaymentMethod.of(row) if row else None)
