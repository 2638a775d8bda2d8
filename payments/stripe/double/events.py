"""Events: what happened, with a snapshot of the object, kept for replay after an outage."""

from payments.stripe.double.context import Context
from payments.stripe.double.errors import invalid_request
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import page

LIST = frozenset(["type", "types", "created", "limit", "starting_after", "ending_before", "expand"])
_MOST_TYPES = 20


def retrieve(ctx: Context, _params: JsonObject, event_id: str) -> JsonObject:
    """GET /v1/events/{id}."""
    return ctx.load("event", event_id)


def list_all(ctx: Context, params: JsonObject) -> JsonObject:
    """GET /v1/events."""
    if "types" in params and not 1 <= len(params["types"]) <= _MOST_TYPES:
        raise invalid_request(f"You may list 1 to {_MOST_TYPES} types.", param="types")
    return page(ctx, "event", params, ("type",), among={"type": params.get("types")})
