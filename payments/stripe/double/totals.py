"""What the double's money adds up to, for tests that compare it with the ledger."""

from collections import Counter

from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.store import Store


def totals(store: Store, account: str | None = None) -> JsonObject:
    """Return counts of intents by status and, per currency, sums in Stripe's units.

    `held` is capturable now, `captured` was taken, `refunded` was given back of it.
    """
    intents = store.select(account, "payment_intent", {})
    money: dict[str, Counter[str]] = {}
    for intent in intents:
        sums = money.setdefault(intent["currency"], Counter(held=0, captured=0, refunded=0))
        sums["held"] += intent["amount_capturable"]
        sums["captured"] += intent["amount_received"]
    for refund in store.select(account, "refund", {}):
        money[refund["currency"]]["refunded"] += refund["amount"]
    return {
        "intents": len(intents),
        "intents_by_status": dict(Counter(intent["status"] for intent in intents)),
        "captures": sum(intent["status"] == "succeeded" for intent in intents),
        "refunds": len(store.select(account, "refund", {})),
        "customers": len(store.select(account, "customer", {})),
        "money": {currency: dict(sums) for currency, sums in money.items()},
    }
