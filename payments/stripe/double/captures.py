"""Capturing a hold: once, at most the held amount, before it expires; the rest is released."""

from payments.stripe.double.context import Context
from payments.stripe.double.errors import invalid_request, unexpected_state
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.payment_intents import check_amount

CAPTURE = frozenset(["amount_to_capture", "metadata", "statement_descriptor_suffix", "expand"])


def capture(ctx: Context, params: JsonObject, intent_id: str) -> JsonObject:
    """POST /v1/payment_intents/{id}/capture."""
    intent = ctx.load("payment_intent", intent_id, param="intent")
    if intent["status"] != "requires_capture":
        raise unexpected_state("payment_intent", "captured", intent, ("requires_capture",))
    amount: int = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    check_amount(amount, intent["currency"].upper(), "amount_to_capture")
    if amount > intent["amount_capturable"]:
        raise invalid_request(
            "The amount to capture is greater than the remaining amount of this PaymentIntent's charge.",
            code="amount_too_large",
            param="amount_to_capture",
            details={"payment_intent": intent},
        )
    charge = ctx.load("charge", intent["latest_charge"])
    charge |= {"captured": True, "amount_captured": amount}
    charge["payment_method_details"]["card"]["capture_before"] = None
    intent |= {
        "status": "succeeded",
        "amount_capturable": 0,
        "amount_received": amount,
        "metadata": {**intent["metadata"], **(params.get("metadata") or {})},
    }
    ctx.store.save(charge)
    ctx.store.save(intent)
    ctx.store.set_expiry(intent_id, None)
    ctx.emit("charge.captured", charge)
    ctx.emit("payment_intent.succeeded", intent)
    return intent
