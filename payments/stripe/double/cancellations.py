"""Cancelling a payment intent and letting holds expire: both release what was held."""

from payments.stripe.double.context import Context
from payments.stripe.double.errors import unexpected_state
from payments.stripe.double.json_types import JsonObject

CANCEL = frozenset(["cancellation_reason", "expand"])
_CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)


def cancel(ctx: Context, params: JsonObject, intent_id: str) -> JsonObject:
    """POST /v1/payment_intents/{id}/cancel."""
    intent = ctx.load("payment_intent", intent_id, param="intent")
    if intent["status"] not in _CANCELABLE:
        raise unexpected_state("payment_intent", "canceled", intent, _CANCELABLE)
    held = intent["status"] == "requires_capture"
    if held:
        # Stripe reports a released hold as a refund of an uncaptured charge: no money moved.
        charge = ctx.load("charge", intent["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        ctx.store.save(charge)
        ctx.emit("charge.refunded", charge)
    return _mark_canceled(ctx, intent, params.get("cancellation_reason"))


def expire(ctx: Context, intent: JsonObject) -> JsonObject:
    """The hold outlived `capture_before`: the bank has its money back and the intent is canceled."""
    charge = ctx.load("charge", intent["latest_charge"])
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}
    ctx.store.save(charge)
    ctx.emit("charge.expired", charge)
    return _mark_canceled(ctx, intent, "automatic")


def _mark_canceled(ctx: Context, intent: JsonObject, reason: str | None) -> JsonObject:
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": ctx.clock.now(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    ctx.store.save(intent)
    ctx.store.set_expiry(intent["id"], None)
    ctx.emit("payment_intent.canceled", intent)
    return intent
