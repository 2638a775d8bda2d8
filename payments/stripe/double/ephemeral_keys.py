"""Ephemeral keys: an hour's access to one customer for the app's payment sheet."""

from payments.stripe.double.context import Context, new_object_id
from payments.stripe.double.errors import invalid_request
from payments.stripe.double.json_types import JsonObject

CREATE = frozenset(["customer", "expand"])
_LIFETIME_S = 60 * 60


def create(ctx: Context, params: JsonObject) -> JsonObject:
    """POST /v1/ephemeral_keys; the secret is shown in this answer only."""
    if not ctx.request.api_version:
        raise invalid_request("Missing required header: Stripe-Version.")
    if "customer" not in params:
        raise invalid_request("Missing required param: customer.", code="parameter_missing", param="customer")
    ctx.load("customer", params["customer"], param="customer", status=400)
    members: JsonObject = {
        "associated_objects": [{"id": params["customer"], "type": "customer"}],
        "expires": ctx.clock.now() + _LIFETIME_S,
    }
    return {**ctx.new("ephkey", "ephemeral_key", members), "secret": new_object_id("ek_test")}
