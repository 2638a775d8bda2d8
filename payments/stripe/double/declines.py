"""Card errors as Stripe shapes them: HTTP 402, `card_error`, code and decline code, with the intent embedded."""

from typing import Any

from payments.stripe.double.cards import Decline
from payments.stripe.double.errors import StripeApiError
from payments.stripe.double.json_types import JsonObject

AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
PAYMENT_AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
SETUP_AUTHENTICATION_FAILED = Decline(
    "setup_intent_authentication_failure", None, PAYMENT_AUTHENTICATION_FAILED.message
)


def decline_details(decline: Decline) -> JsonObject:
    """Return the members of `last_payment_error` (and of the error answer) for a decline."""
    details: JsonObject = {"code": decline.code, "message": decline.message, "type": "card_error"}
    if decline.decline_code:
        details["decline_code"] = decline.decline_code
    return details


def card_error(last_error: JsonObject, embedded: dict[str, Any]) -> StripeApiError:
    """Return the 402 for a recorded payment error; `embedded` carries the intent or payment method."""
    return StripeApiError(
        402,
        "card_error",
        last_error["message"],
        code=last_error["code"],
        details={
            **{name: last_error[name] for name in ("decline_code", "charge", "payment_method") if name in last_error},
            **embedded,
        },
    )
