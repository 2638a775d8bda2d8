"""Refunds: whole or partial, never more than was captured and not yet refunded."""

from payments.stripe.double.context import Context
from payments.stripe.double.errors import invalid_request
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import page

CREATE = frozenset(["payment_intent", "charge", "amount", "reason", "metadata", "expand"])
LIST = frozenset(["payment_intent", "charge", "created", "limit", "starting_after", "ending_before", "expand"])


def create(ctx: Context, params: JsonObject) -> JsonObject:
    """POST /v1/refunds."""
    charge = _charge(ctx, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise invalid_request(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount < 1:
        raise invalid_request(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        raise invalid_request(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    members: JsonObject = {
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }
    refund = ctx.new("re", "refund", members)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    ctx.store.save(charge)
    ctx.emit("refund.created", refund)
    ctx.emit("charge.refunded", charge)
    return refund


def _charge(ctx: Context, params: JsonObject) -> JsonObject:
    charge_id = params.get("charge")
    if "payment_intent" in params:
        intent = ctx.load("payment_intent", params["payment_intent"], param="payment_intent")
        charge_id = charge_id or intent["latest_charge"]
        if intent["status"] != "succeeded":
            raise invalid_request(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                details={"payment_intent": intent},
            )
    if not charge_id:
        raise invalid_request("One of the following params should be provided: `payment_intent` or `charge`.")
    charge = ctx.load("charge", charge_id, param="charge")
    if not charge["captured"]:
        raise invalid_request(f"Charge {charge_id} was not captured.", param="charge")
    return charge


def retrieve(ctx: Context, _params: JsonObject, refund_id: str) -> JsonObject:
    """GET /v1/refunds/{id}."""
    return ctx.load("refund", refund_id)


def list_all(ctx: Context, params: JsonObject) -> JsonObject:
    """GET /v1/refunds."""
    return page(ctx, "refund", params, ("payment_intent", "charge"))
