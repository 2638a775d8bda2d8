"""The card processor's failures, told to the app: a card that was declined, or a processor that does not answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.kit.errors import ConflictError, UserError
from payments.stripe.errors import CardDeclinedError, ProcessorUnavailableError


class PaymentUnavailableError(UserError):
    """The processor does not answer; the same call later is safe."""

    code = "PAYMENT_UNAVAILABLE"


class CardRefusedError(ConflictError):
    """The bank declined the card."""

    code = "CARD_DECLINED"


@asynccontextmanager
async def told_to_the_driver() -> AsyncIterator[None]:
    """Turn what a driver can do something about into UserErrors; the rest stays a programming error."""
    try:
        yield
    except ProcessorUnavailableError as error:
        raise PaymentUnavailableError("payments are not available right now, please try again") from error
    except CardDeclinedError as error:
        raise CardRefusedError("the card was declined") from error
