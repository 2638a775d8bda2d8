"""Customers: create, retrieve, update, delete, list, and the list of a customer's cards."""

from payments.stripe.double.context import Context
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import page

CREATE = frozenset(["email", "name", "description", "metadata", "phone", "preferred_locales", "expand"])
LIST = frozenset(["email", "created", "limit", "starting_after", "ending_before", "expand"])
LIST_CARDS = frozenset(["type", "limit", "starting_after", "ending_before", "expand"])


def create(ctx: Context, params: JsonObject) -> JsonObject:
    """POST /v1/customers."""
    members: JsonObject = {
        "address": None,
        "balance": 0,
        "delinquent": False,
        "description": params.get("description"),
        "email": params.get("email"),
        "metadata": params.get("metadata") or {},
        "name": params.get("name"),
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
    }
    customer = ctx.new("cus", "customer", members)
    ctx.emit("customer.created", customer)
    return customer


def retrieve(ctx: Context, _params: JsonObject, customer_id: str) -> JsonObject:
    """GET /v1/customers/{id}."""
    return ctx.load("customer", customer_id)


def update(ctx: Context, params: JsonObject, customer_id: str) -> JsonObject:
    """POST /v1/customers/{id}; metadata is merged, an empty value removes its key."""
    customer = ctx.load("customer", customer_id)
    changes = {name: value for name, value in params.items() if name not in ("metadata", "expand")}
    merged: JsonObject = {**customer["metadata"], **(params.get("metadata") or {})}
    customer |= {**changes, "metadata": {key: value for key, value in merged.items() if value}}
    ctx.store.save(customer)
    ctx.emit("customer.updated", customer)
    return customer


def delete(ctx: Context, _params: JsonObject, customer_id: str) -> JsonObject:
    """DELETE /v1/customers/{id}; the customer's cards are detached."""
    customer = ctx.load("customer", customer_id)
    for card in ctx.store.select(ctx.account, "payment_method", {"customer": customer_id}):
        ctx.store.save({**card, "customer": None})
    ctx.emit("customer.deleted", customer)
    ctx.store.rows("delete from objects where id = ?", customer_id)
    return {"id": customer_id, "object": "customer", "deleted": True}


def list_all(ctx: Context, params: JsonObject) -> JsonObject:
    """GET /v1/customers."""
    return page(ctx, "customer", params, ("email",))


def list_cards(ctx: Context, params: JsonObject, customer_id: str) -> JsonObject:
    """GET /v1/customers/{id}/payment_methods."""
    ctx.load("customer", customer_id)
    return page(ctx, "payment_method", {**params, "customer": customer_id}, ("customer", "type"))
