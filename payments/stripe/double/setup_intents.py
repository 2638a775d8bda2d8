"""Setup intents: saving a card for off-session payments, with authentication if the bank wants it."""

from payments.stripe.double.cards import Authentication, Decline
from payments.stripe.double.context import Context, new_object_id
from payments.stripe.double.declines import card_error, decline_details
from payments.stripe.double.errors import invalid_request, unexpected_state
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.payment_methods import attach_to, resolve, test_card

CREATE = frozenset(
    [
        "customer",
        "usage",
        "description",
        "metadata",
        "payment_method",
        "confirm",
        "return_url",
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "expand",
    ]
)
CONFIRM = frozenset(["payment_method", "return_url", "expand"])
RETRIEVE = frozenset(["client_secret", "expand"])
CANCEL = frozenset(["cancellation_reason", "expand"])
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(ctx: Context, params: JsonObject) -> JsonObject:
    """POST /v1/setup_intents."""
    if "customer" in params:
        ctx.load("customer", params["customer"], param="customer", status=400)
    payment_method = resolve(ctx, params["payment_method"])["id"] if "payment_method" in params else None
    types = params.get("allowed_payment_method_types")
    members: JsonObject = {
        "automatic_payment_methods": params.get("automatic_payment_methods", None if types else {"enabled": True}),
        "cancellation_reason": None,
        "client_secret": None,
        "customer": params.get("customer"),
        "description": params.get("description"),
        "last_setup_error": None,
        "metadata": params.get("metadata") or {},
        "next_action": None,
        "payment_method": payment_method,
        "payment_method_types": types or ["card", "link"],
        "status": "requires_confirmation" if payment_method else "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }
    intent = ctx.new("seti", "setup_intent", members)
    intent["client_secret"] = f"{intent['id']}_{new_object_id('secret')}"
    ctx.store.save(intent)
    ctx.emit("setup_intent.created", intent)
    if not params.get("confirm"):
        return intent
    return _confirm(ctx, intent, {**params, "payment_method": payment_method})


def retrieve(ctx: Context, _params: JsonObject, intent_id: str) -> JsonObject:
    """GET /v1/setup_intents/{id}."""
    return ctx.load("setup_intent", intent_id, param="intent")


def confirm(ctx: Context, params: JsonObject, intent_id: str) -> JsonObject:
    """POST /v1/setup_intents/{id}/confirm."""
    return _confirm(ctx, ctx.load("setup_intent", intent_id, param="intent"), params)


def cancel(ctx: Context, params: JsonObject, intent_id: str) -> JsonObject:
    """POST /v1/setup_intents/{id}/cancel."""
    intent = ctx.load("setup_intent", intent_id, param="intent")
    if intent["status"] not in _OPEN:
        raise unexpected_state("setup_intent", "canceled", intent, _OPEN)
    intent |= {
        "status": "canceled",
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    ctx.store.save(intent)
    ctx.emit("setup_intent.canceled", intent)
    return intent


def succeed(ctx: Context, intent: JsonObject) -> JsonObject:
    """The bank agreed: the card belongs to the customer and may be charged off session."""
    if intent["customer"]:
        payment_method = ctx.load("payment_method", intent["payment_method"])
        attach_to(ctx, payment_method, intent["customer"], set_up=intent["usage"] == "off_session")
    intent |= {"status": "succeeded", "next_action": None}
    ctx.store.save(intent)
    ctx.emit("setup_intent.succeeded", intent)
    return intent


def fail(ctx: Context, intent: JsonObject, decline: Decline) -> JsonObject:
    """The bank refused: record the error; another card may be tried."""
    payment_method = ctx.load("payment_method", intent["payment_method"])
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": {**decline_details(decline), "payment_method": payment_method},
    }
    ctx.store.save(intent)
    ctx.emit("setup_intent.setup_failed", intent)
    return intent


def _confirm(ctx: Context, intent: JsonObject, params: JsonObject) -> JsonObject:
    if intent["status"] not in _OPEN:
        raise unexpected_state("setup_intent", "confirmed", intent, _OPEN)
    wanted = params.get("payment_method") or intent["payment_method"]
    if not wanted:
        raise invalid_request(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
            details={"setup_intent": intent},
        )
    payment_method = resolve(ctx, wanted)
    intent |= {"payment_method": payment_method["id"], "last_setup_error": None, "next_action": None}
    card = test_card(ctx, payment_method["id"])
    if card.decline and not card.saves:
        failed = fail(ctx, intent, card.decline)
        raise card_error(failed["last_setup_error"], {"setup_intent": failed})
    if card.authentication is Authentication.NEVER or card.set_up:
        return succeed(ctx, intent)
    intent |= {
        "status": "requires_action",
        "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
    }
    ctx.store.save(intent)
    ctx.emit("setup_intent.requires_action", intent)
    return intent
