"""Holding, capturing, releasing, charging and refunding money through payment intents.

Every intent carries the key it was made with in its metadata, so that an intent made by a call whose answer was
lost for good (a replayed 500, a pruned key) can be found again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from app.kit.money import Money
from payments.stripe.amounts import to_processor_amount
from payments.stripe.connection import StripeConnection, keyed
from payments.stripe.errors import IntentCanceledError
from payments.stripe.views import IntentView, RefundView, intent_view, refund_view

if TYPE_CHECKING:
    import stripe

KEY_METADATA = "voltlane_key"
_WITH_CHARGE = ["latest_charge"]


class IntentOperations:
    """The part of the gateway that moves money.

    Every method may raise ProcessorUnavailableError (repeat with the same key) and RequestRefusedError.
    """

    def __init__(self, connection: StripeConnection) -> None:
        self._connection = connection

    async def create_hold(
        self,
        amount: Money,
        *,
        customer_id: str | None,
        payment_method_id: str,
        off_session: bool,
        metadata: Mapping[str, str],
        description: str,
        idempotency_key: str,
        statement_suffix: str | None = None,
    ) -> IntentView:
        """Hold an amount on a card, to be captured later.

        On session the answer may be REQUIRES_ACTION: the app authenticates with the client secret. Raises
        CardDeclinedError, off session AuthenticationRequiredError, and AmountTooSmallError.
        """
        params = _creation(
            amount,
            payment_method_id,
            metadata,
            description,
            idempotency_key=idempotency_key,
            statement_suffix=statement_suffix,
        )
        params["capture_method"] = "manual"
        return await self._create(params, customer_id, off_session=off_session, idempotency_key=idempotency_key)

    async def charge_now(
        self,
        amount: Money,
        *,
        customer_id: str | None,
        payment_method_id: str,
        off_session: bool,
        metadata: Mapping[str, str],
        description: str,
        idempotency_key: str,
        statement_suffix: str | None = None,
    ) -> IntentView:
        """Take an amount at once: the rest above a hold, or a debt. Raises as `create_hold` does."""
        params = _creation(
            amount,
            payment_method_id,
            metadata,
            description,
            idempotency_key=idempotency_key,
            statement_suffix=statement_suffix,
        )
        params["capture_method"] = "automatic"
        return await self._create(params, customer_id, off_session=off_session, idempotency_key=idempotency_key)

    async def confirm_intent(self, intent_id: str, payment_method_id: str, *, idempotency_key: str) -> IntentView:
        """Try an open intent again, on session, with this card. Raises CardDeclinedError and IntentStateError."""
        params: stripe.params.PaymentIntentConfirmParams = {
            "payment_method": payment_method_id,
            "expand": _WITH_CHARGE,
        }
        return intent_view(
            await self._connection.call(
                lambda client: client.v1.payment_intents.confirm_async(intent_id, params, keyed(idempotency_key))
            )
        )

    async def retrieve_intent(self, intent_id: str) -> IntentView:
        """Read an intent's present state with its charge."""
        return intent_view(
            await self._connection.call(
                lambda client: client.v1.payment_intents.retrieve_async(intent_id, {"expand": _WITH_CHARGE})
            )
        )

    async def capture(self, intent_id: str, amount: Money, *, idempotency_key: str) -> IntentView:
        """Take at most the held amount, once; the rest is released.

        Raises AlreadyCapturedError, IntentCanceledError (cancelled or expired), CaptureExceedsHoldError and
        AmountTooSmallError.
        """
        params: stripe.params.PaymentIntentCaptureParams = {
            "amount_to_capture": to_processor_amount(amount),
            "expand": _WITH_CHARGE,
        }
        return intent_view(
            await self._connection.call(
                lambda client: client.v1.payment_intents.capture_async(intent_id, params, keyed(idempotency_key))
            )
        )

    async def cancel_intent(self, intent_id: str, *, reason: str | None = None, idempotency_key: str) -> IntentView:
        """Release a hold or give up an open intent; one that is already cancelled is returned as it is.

        `reason` is Stripe's: duplicate, fraudulent, requested_by_customer or abandoned. Raises AlreadyCapturedError.
        """
        params: stripe.params.PaymentIntentCancelParams = {"expand": _WITH_CHARGE}
        if reason:
            params["cancellation_reason"] = reason
        try:
            return intent_view(
                await self._connection.call(
                    lambda client: client.v1.payment_intents.cancel_async(intent_id, params, keyed(idempotency_key))
                )
            )
        except IntentCanceledError as error:
            return error.intent

    async def refund(
        self, intent_id: str, amount: Money, *, reason: str | None = None, idempotency_key: str
    ) -> RefundView:
        """Give back part or all of what was captured.

        `reason` is Stripe's: duplicate, fraudulent or requested_by_customer. Raises RefundExceedsCaptureError, and
        IntentStateError if nothing was captured.
        """
        params: stripe.params.RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": to_processor_amount(amount),
            "metadata": {KEY_METADATA: idempotency_key},
        }
        if reason:
            params["reason"] = reason
        return refund_view(
            await self._connection.call(lambda client: client.v1.refunds.create_async(params, keyed(idempotency_key)))
        )

    async def list_refunds(self, intent_id: str) -> list[RefundView]:
        """Return an intent's refunds, newest first."""
        params: stripe.params.RefundListParams = {"payment_intent": intent_id, "limit": 100}
        bodies = await self._connection.pages(lambda client: client.v1.refunds.list_async(params))
        return [refund_view(body) for body in bodies]

    async def list_intents(self, *, created_after: datetime, customer_id: str | None = None) -> list[IntentView]:
        """Return the intents made at or after a time, oldest first, with their charges."""
        params: stripe.params.PaymentIntentListParams = {
            "created": {"gte": int(created_after.timestamp())},
            "limit": 100,
            "expand": ["data.latest_charge"],
        }
        if customer_id:
            params["customer"] = customer_id
        bodies = await self._connection.pages(lambda client: client.v1.payment_intents.list_async(params))
        return [intent_view(body) for body in reversed(bodies)]

    async def find_intents(
        self, creation_key: str, *, created_after: datetime, customer_id: str | None = None
    ) -> list[IntentView]:
        """Return the intents made with an idempotency key: none, or one unless the key was reused after pruning."""
        listed = await self.list_intents(created_after=created_after, customer_id=customer_id)
        return [intent for intent in listed if intent.metadata.get(KEY_METADATA) == creation_key]

    async def _create(
        self,
        params: "stripe.params.PaymentIntentCreateParams",
        customer_id: str | None,
        *,
        off_session: bool,
        idempotency_key: str,
    ) -> IntentView:
        if customer_id:
            params["customer"] = customer_id
        if off_session:
            params["off_session"] = True
        return intent_view(
            await self._connection.call(
                lambda client: client.v1.payment_intents.create_async(params, keyed(idempotency_key))
            )
        )


def _creation(
    amount: Money,
    payment_method_id: str,
    metadata: Mapping[str, str],
    description: str,
    *,
    idempotency_key: str,
    statement_suffix: str | None,
) -> "stripe.params.PaymentIntentCreateParams":
    params: stripe.params.PaymentIntentCreateParams = {
        "amount": to_processor_amount(amount),
        "currency": amount.currency.lower(),
        "payment_method": payment_method_id,
        "confirm": True,
        # Cards and the wallets on them; nothing else can be held and captured later.
        "allowed_payment_method_types": ["card"],
        "metadata": {**metadata, KEY_METADATA: idempotency_key},
        "description": description,
        "expand": _WITH_CHARGE,
    }
    if statement_suffix:
        params["statement_descriptor_suffix"] = statement_suffix
    return params
