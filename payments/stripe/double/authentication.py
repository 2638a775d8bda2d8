"""The driver's strong customer authentication, simulated: finished or failed by an administrator's call."""

from payments.stripe.double import confirmation, setup_intents
from payments.stripe.double.context import Context
from payments.stripe.double.declines import PAYMENT_AUTHENTICATION_FAILED, SETUP_AUTHENTICATION_FAILED
from payments.stripe.double.errors import unexpected_state
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.payment_methods import test_card


def authenticate(ctx: Context, intent: JsonObject, *, succeeded: bool) -> JsonObject:
    """Finish the authentication of a payment or setup intent in `requires_action` and return it."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent["object"], "authenticated", intent, ("requires_action",))
    if intent["object"] == "setup_intent":
        if succeeded:
            return setup_intents.succeed(ctx, intent)
        return setup_intents.fail(ctx, intent, SETUP_AUTHENTICATION_FAILED)
    payment_method = ctx.load("payment_method", intent["payment_method"])
    decline = test_card(ctx, payment_method["id"]).decline if succeeded else PAYMENT_AUTHENTICATION_FAILED
    if decline:
        return confirmation.fail(ctx, intent, payment_method, decline)
    return confirmation.succeed(ctx, intent, off_session=False)
