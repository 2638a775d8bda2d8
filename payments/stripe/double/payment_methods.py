"""Payment methods: cards made from Stripe's test ids, attached to customers and detached again.

Naming a test id where a payment method is expected makes a new card, as Stripe does. Card numbers are refused:
Voltlane never sees one.
"""

from datetime import UTC, datetime

from payments.stripe.double.cards import TEST_CARDS, TestCard
from payments.stripe.double.context import Context
from payments.stripe.double.declines import card_error, decline_details
from payments.stripe.double.errors import invalid_request, resource_missing
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import page

CREATE = frozenset(["type", "card", "metadata", "expand"])
ATTACH = frozenset(["customer", "expand"])
LIST = frozenset(["customer", "type", "limit", "starting_after", "ending_before", "expand"])


def resolve(ctx: Context, payment_method_id: str) -> JsonObject:
    """Return the payment method, made anew if a test id is named; raises `resource_missing`."""
    if payment_method_id in TEST_CARDS:
        return _new_card(ctx, payment_method_id, {})
    return ctx.load("payment_method", payment_method_id, param="payment_method", status=400)


def test_card(ctx: Context, payment_method_id: str) -> TestCard:
    """Return how a stored payment method behaves."""
    return TEST_CARDS[ctx.store.hidden(payment_method_id)["test_id"]]


def is_set_up(ctx: Context, payment_method_id: str) -> bool:
    """Return whether the card was authenticated for later off-session payments."""
    hidden = ctx.store.hidden(payment_method_id)
    return bool(hidden.get("set_up")) or TEST_CARDS[hidden["test_id"]].set_up


def attach_to(ctx: Context, payment_method: JsonObject, customer_id: str, *, set_up: bool) -> JsonObject:
    """Attach the card to a customer; `set_up` also remembers the authentication for later payments."""
    if set_up:
        ctx.store.save_hidden(payment_method["id"], set_up=True)
    if payment_method["customer"] == customer_id:
        return payment_method
    attached = {**payment_method, "customer": customer_id}
    ctx.store.save(attached)
    ctx.emit("payment_method.attached", attached)
    return attached


def create(ctx: Context, params: JsonObject) -> JsonObject:
    """POST /v1/payment_methods, by `card[token]=tok_…`."""
    card: JsonObject = params.get("card") or {}
    if params.get("type") != "card" or "number" in card or "token" not in card:
        raise invalid_request("This double makes cards from test tokens only.", param="card")
    test_id = str(card["token"]).replace("tok_", "pm_card_", 1)
    if test_id not in TEST_CARDS:
        raise resource_missing("token", card["token"], "card[token]", status=400)
    return _new_card(ctx, test_id, params.get("metadata") or {})


def retrieve(ctx: Context, _params: JsonObject, payment_method_id: str) -> JsonObject:
    """GET /v1/payment_methods/{id}."""
    return ctx.load("payment_method", payment_method_id)


def attach(ctx: Context, params: JsonObject, payment_method_id: str) -> JsonObject:
    """POST /v1/payment_methods/{id}/attach; the bank is asked, so a card that declines cannot be attached."""
    customer = ctx.load("customer", params["customer"], param="customer", status=400)
    payment_method = resolve(ctx, payment_method_id)
    card = test_card(ctx, payment_method["id"])
    if payment_method["customer"] not in (None, customer["id"]):
        raise invalid_request("The payment method you provided has already been attached to a customer.")
    if card.decline and not card.saves:
        raise card_error(decline_details(card.decline), {"payment_method": payment_method})
    return attach_to(ctx, payment_method, customer["id"], set_up=False)


def detach(ctx: Context, _params: JsonObject, payment_method_id: str) -> JsonObject:
    """POST /v1/payment_methods/{id}/detach; a detached card can never be used again."""
    payment_method = ctx.load("payment_method", payment_method_id)
    if payment_method["customer"] is None:
        raise invalid_request(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    detached = {**payment_method, "customer": None}
    ctx.store.save(detached)
    ctx.store.save_hidden(payment_method_id, detached=True)
    ctx.emit("payment_method.detached", detached)
    return detached


def list_all(ctx: Context, params: JsonObject) -> JsonObject:
    """GET /v1/payment_methods."""
    return page(ctx, "payment_method", params, ("customer", "type"))


def _new_card(ctx: Context, test_id: str, metadata: JsonObject) -> JsonObject:
    card = TEST_CARDS[test_id]
    year = datetime.fromtimestamp(ctx.clock.now(), UTC).year
    wallet: JsonObject | None = (
        {"type": card.wallet, card.wallet: {}, "dynamic_last4": card.last4} if card.wallet else None
    )
    empty_address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    members: JsonObject = {
        "allow_redisplay": "unspecified",
        "billing_details": {"address": empty_address, "email": None, "name": None, "phone": None},
        "card": {
            "brand": card.brand,
            "country": "DE",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": year + 2,
            "fingerprint": f"double{card.last4}{card.brand}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": wallet,
        },
        "customer": None,
        "metadata": metadata,
        "type": "card",
    }
    return ctx.new("pm", "payment_method", members, {"test_id": test_id})
