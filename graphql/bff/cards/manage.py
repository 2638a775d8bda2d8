"""`setDefaultPaymentMethod` and `removePaymentMethod`."""

import strawberry

from bff.access import DriverField
from bff.cards.processor import PaymentUnavailableError, told_to_the_driver
from bff.cards.types import PaymentMethod
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from payments.card_list import list_cards, remove_card, set_default_card
from payments.errors import CardInUseError


@strawberry.input
class PaymentMethodInput:
    """Which card."""

    payment_method_id: strawberry.ID


@payload()
class SetDefaultPaymentMethodPayload:
    """The caller's cards, the default first."""

    payment_methods: list[PaymentMethod] | None = None


@payload(CardInUseError, PaymentUnavailableError)
class RemovePaymentMethodPayload:
    """The caller's remaining cards, the default first."""

    payment_methods: list[PaymentMethod] | None = None


@strawberry.type
class ManageCards:
    """The mutations."""

    @mutation(DriverField())
    @staticmethod
    async def set_default_payment_method(
        info: Info,
        input: PaymentMethodInput,  # noqa: A002
    ) -> SetDefaultPaymentMethodPayload:
        """Make a card the one that is held on where none is chosen."""
        context = info.context
        card_id = row_id(input.payment_method_id, "PaymentMethod", "paymentMethodId")
        async with context.services.database.unit_of_work(context.tenant_id) as uow:
            await set_default_card(uow, context.driver_id, card_id)
        return SetDefaultPaymentMethodPayload(payment_methods=await _cards(info))

    @mutation(DriverField())
    @staticmethod
    async def remove_payment_method(info: Info, input: PaymentMethodInput) -> RemovePaymentMethodPayload:  # noqa: A002
        """Remove a card, here and at the processor; the newest other card becomes the default."""
        context = info.context
        card_id = row_id(input.payment_method_id, "PaymentMethod", "paymentMethodId")
        async with told_to_the_driver():
            await remove_card(context.services.payments, context.tenant_id, context.driver_id, card_id)
        return RemovePaymentMethodPayload(payment_methods=await _cards(info))


async def _cards(info: Info) -> list[PaymentMethod]:
    context = info.context
    async with context.services.database.read(context.tenant_id) as session:
        return [PaymentMethod.of(row) for row in await list_cards(session, context.driver_id)]
