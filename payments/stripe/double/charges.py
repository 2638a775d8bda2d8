"""Charges: one attempt to take money for a payment intent, held, captured, refunded or failed."""

from payments.stripe.double.context import Context
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import page

LIST = frozenset(["payment_intent", "customer", "created", "limit", "starting_after", "ending_before", "expand"])

_DAY_S = 24 * 60 * 60
_HOLD_S = 7 * _DAY_S
# Visa shortens a merchant-initiated hold (the driver is not there) to 4 days and 18 hours.
_VISA_MERCHANT_INITIATED_HOLD_S = 4 * _DAY_S + 18 * 60 * 60


def create(
    ctx: Context, intent: JsonObject, payment_method: JsonObject, *, status: str, off_session: bool
) -> JsonObject:
    """Store the charge of an attempt; `status` is `succeeded` or `failed`, a manual capture stays uncaptured."""
    captured = status == "succeeded" and intent["capture_method"] != "manual"
    held = status == "succeeded" and not captured
    card: JsonObject = {**payment_method["card"], "capture_before": None}
    if held:
        card["capture_before"] = ctx.clock.now() + _hold_seconds(card["brand"], off_session=off_session)
    members: JsonObject = {
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "captured": captured,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "metadata": intent["metadata"],
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": payment_method["id"],
        "payment_method_details": {"type": "card", "card": card},
        "refunded": False,
        "status": status,
    }
    return ctx.new("ch", "charge", members)


def _hold_seconds(brand: str, *, off_session: bool) -> int:
    return _VISA_MERCHANT_INITIATED_HOLD_S if off_session and brand == "visa" else _HOLD_S


def retrieve(ctx: Context, _params: JsonObject, charge_id: str) -> JsonObject:
    """GET /v1/charges/{id}."""
    return ctx.load("charge", charge_id)


def list_all(ctx: Context, params: JsonObject) -> JsonObject:
    """GET /v1/charges."""
    return page(ctx, "charge", params, ("payment_intent", "customer"))
