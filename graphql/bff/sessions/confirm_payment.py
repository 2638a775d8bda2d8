"""`confirmPayment`: the app's payment SDK is done; the hold is read anew at the processor and the charge goes on."""

import strawberry

from app.domain.charging.payment_changed import payment_changed
from bff.access import DriverField
from bff.cards.processor import PaymentUnavailableError, told_to_the_driver
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.own import own_session
from bff.sessions.types import Session


@strawberry.input
class ConfirmPaymentInput:
    """Whose payment was authenticated."""

    session_id: strawberry.ID


@payload(PaymentUnavailableError)
class ConfirmPaymentPayload:
    """The session; `clientSecret` where the card still wants authentication."""

    session: Session | None = None
    client_secret: str | None = None


@strawberry.type
class ConfirmPayment:
    """The mutation."""

    @mutation(DriverField())
    @staticmethod
    async def confirm_payment(info: Info, input: ConfirmPaymentInput) -> ConfirmPaymentPayload:  # noqa: A002
        """Look at the hold of a session again. What the app reports is never trusted; safe to repeat."""
        context = info.context
        session_id = row_id(input.session_id, "Session", "sessionId")
        await own_session(context, session_id, "sessionId")
        async with told_to_the_driver():
            result = await payment_changed(context.services.charging, context.tenant_id, session_id)
        context.forget_loaded()
        row = await own_session(context, session_id, "sessionId")
        return ConfirmPaymentPayload(
            session=Session.of(row, context), client_secret=result.client_secret if result else None
        )
