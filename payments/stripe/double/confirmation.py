"""What happens when a payment intent meets a card: held or paid, authentication wanted, or declined.

Shared by creating with `confirm`, confirming later, and the driver finishing authentication.
"""

from payments.stripe.double import charges
from payments.stripe.double.cards import Decline, needs_authentication
from payments.stripe.double.context import Context
from payments.stripe.double.declines import AUTHENTICATION_REQUIRED, card_error, decline_details
from payments.stripe.double.errors import invalid_request, unexpected_state
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.payment_methods import attach_to, is_set_up, resolve, test_card

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def confirm(ctx: Context, intent: JsonObject, params: JsonObject) -> JsonObject:
    """Confirm the intent with its card; raises the 402 of a decline after recording it."""
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state("payment_intent", "confirmed", intent, CONFIRMABLE)
    wanted = params.get("payment_method") or intent["payment_method"]
    if not wanted:
        raise invalid_request(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            details={"payment_intent": intent},
        )
    payment_method = resolve(ctx, wanted)
    off_session = params.get("off_session") not in (None, False)
    _check_usable(ctx, intent, payment_method)
    if "return_url" not in params and not off_session:
        _check_no_redirect(intent)
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"]
    intent |= {"payment_method": payment_method["id"], "last_payment_error": None, "next_action": None}
    card = test_card(ctx, payment_method["id"])
    if needs_authentication(card, set_up=is_set_up(ctx, payment_method["id"]), off_session=off_session):
        if off_session or params.get("error_on_requires_action"):
            raise _declined(ctx, intent, payment_method, AUTHENTICATION_REQUIRED)
        return _want_action(ctx, intent)
    if card.decline:
        raise _declined(ctx, intent, payment_method, card.decline)
    return succeed(ctx, intent, off_session=off_session)


def succeed(ctx: Context, intent: JsonObject, *, off_session: bool) -> JsonObject:
    """The bank agreed: hold or take the amount."""
    payment_method = ctx.load("payment_method", intent["payment_method"])
    if intent["customer"] and intent["setup_future_usage"]:
        payment_method = attach_to(ctx, payment_method, intent["customer"], set_up=True)
    charge = charges.create(ctx, intent, payment_method, status="succeeded", off_session=off_session)
    manual = intent["capture_method"] == "manual"
    intent |= {
        "status": "requires_capture" if manual else "succeeded",
        "amount_capturable": intent["amount"] if manual else 0,
        "amount_received": 0 if manual else intent["amount"],
        "latest_charge": charge["id"],
        "next_action": None,
    }
    ctx.store.save(intent)
    if manual:
        ctx.store.set_expiry(intent["id"], charge["payment_method_details"]["card"]["capture_before"])
    ctx.emit("charge.succeeded", charge)
    ctx.emit("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", intent)
    return intent


def fail(ctx: Context, intent: JsonObject, payment_method: JsonObject, decline: Decline) -> JsonObject:
    """The bank refused: record the failed charge and the error; another card may be tried."""
    charge = charges.create(ctx, intent, payment_method, status="failed", off_session=False)
    charge |= {"failure_code": decline.code, "failure_message": decline.message}
    ctx.store.save(charge)
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "last_payment_error": {
            **decline_details(decline),
            "charge": charge["id"],
            "payment_method": payment_method,
        },
    }
    ctx.store.save(intent)
    ctx.emit("charge.failed", charge)
    ctx.emit("payment_intent.payment_failed", intent)
    return intent


def _declined(ctx: Context, intent: JsonObject, payment_method: JsonObject, decline: Decline) -> Exception:
    failed = fail(ctx, intent, payment_method, decline)
    return card_error(failed["last_payment_error"], {"payment_intent": failed})


def _want_action(ctx: Context, intent: JsonObject) -> JsonObject:
    intent |= {
        "status": "requires_action",
        "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
    }
    ctx.store.save(intent)
    ctx.emit("payment_intent.requires_action", intent)
    return intent


def _check_usable(ctx: Context, intent: JsonObject, payment_method: JsonObject) -> None:
    owner = payment_method["customer"]
    if owner and owner != intent["customer"]:
        raise invalid_request(
            f"The payment method {payment_method['id']} belongs to a customer. Please include the customer in the "
            "`customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if not owner and ctx.store.hidden(payment_method["id"]).get("detached"):
        raise invalid_request(
            "The provided PaymentMethod was previously detached from a Customer and may not be used again.",
            param="payment_method",
        )


def _check_no_redirect(intent: JsonObject) -> None:
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic.get("allow_redirects", "always") == "always":
        raise invalid_request(
            "This PaymentIntent is configured to accept payment methods that might redirect your customer off of "
            "your page, so you must provide a `return_url`.",
            param="return_url",
        )
