"""Our own small pictures of Stripe's objects: frozen, with Money and aware times, and nothing of the library.

They are read from plain JSON, so an object in an answer, in an error or in an event is understood by the same code.
Secrets, and event payloads, which carry them, are kept out of `repr` and so out of logs and tracebacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

from app.kit.money import Money
from payments.stripe.amounts import from_processor_amount

Json = Mapping[str, Any]


class IntentStatus(Enum):
    """The status of a payment or setup intent (Stripe, "Payment Intents: statuses")."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class SetupIntentView:
    """A card being saved; `client_secret` goes to the app, never to a log."""

    id: str
    client_secret: str = field(repr=False)
    status: IntentStatus
    payment_method_id: str | None
    customer_id: str | None
    last_error_code: str | None


@dataclass(frozen=True, slots=True)
class CardView:
    """A saved card as a driver recognises it; `wallet` is `apple_pay`, `google_pay` or None."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    wallet: str | None
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class IntentView:
    """A payment intent. Card, `capture_before` and `amount_refunded` are known only where the charge came along."""

    id: str
    status: IntentStatus
    client_secret: str = field(repr=False)
    amount: Money
    amount_capturable: Money
    amount_received: Money
    amount_refunded: Money
    capture_before: datetime | None
    card_brand: str | None
    card_last4: str | None
    last_error_code: str | None
    decline_code: str | None
    customer_id: str | None
    payment_method_id: str | None
    cancellation_reason: str | None
    created: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund; `status` is Stripe's: pending, requires_action, succeeded, failed or canceled."""

    id: str
    amount: Money
    status: str
    intent_id: str | None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class EphemeralKeyView:
    """An hour's access to one customer for the app's payment sheet; never to be logged."""

    id: str
    secret: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event; `payload` is the whole document, `account` the connected account it comes from."""

    id: str
    type: str
    object_id: str
    created: datetime
    account: str | None
    payload: Json = field(repr=False)


def setup_intent_view(body: Json) -> SetupIntentView:
    """Read a setup intent."""
    return SetupIntentView(
        id=body["id"],
        client_secret=body["client_secret"],
        status=IntentStatus(body["status"]),
        payment_method_id=_id(body.get("payment_method")),
        customer_id=_id(body.get("customer")),
        last_error_code=nested(body, "last_setup_error").get("code"),
    )


def card_view(body: Json) -> CardView:
    """Read a payment method of type card."""
    card = nested(body, "card")
    return CardView(
        id=body["id"],
        brand=card["brand"],
        last4=card["last4"],
        exp_month=card["exp_month"],
        exp_year=card["exp_year"],
        wallet=nested(card, "wallet").get("type"),
        customer_id=_id(body.get("customer")),
    )


def intent_view(body: Json) -> IntentView:
    """Read a payment intent, with its charge if that was expanded."""
    currency = body["currency"]
    charge = nested(body, "latest_charge")
    card = nested(nested(charge, "payment_method_details"), "card")
    error = nested(body, "last_payment_error")
    card_of_error = nested(nested(error, "payment_method"), "card")
    refunded = charge.get("amount_refunded", 0) if charge.get("captured") else 0
    return IntentView(
        id=body["id"],
        status=IntentStatus(body["status"]),
        client_secret=body["client_secret"],
        amount=from_processor_amount(body["amount"], currency),
        amount_capturable=from_processor_amount(body.get("amount_capturable", 0), currency),
        amount_received=from_processor_amount(body.get("amount_received", 0), currency),
        amount_refunded=from_processor_amount(refunded, currency),
        capture_before=_time(card.get("capture_before")),
        card_brand=card.get("brand") or card_of_error.get("brand"),
        card_last4=card.get("last4") or card_of_error.get("last4"),
        last_error_code=error.get("code"),
        decline_code=error.get("decline_code"),
        customer_id=_id(body.get("customer")),
        payment_method_id=_id(body.get("payment_method")) or _id(error.get("payment_method")),
        cancellation_reason=body.get("cancellation_reason"),
        created=datetime.fromtimestamp(body["created"], UTC),
        metadata=dict(body.get("metadata") or {}),
    )


def refund_view(body: Json) -> RefundView:
    """Read a refund."""
    return RefundView(
        id=body["id"],
        amount=from_processor_amount(body["amount"], body["currency"]),
        status=body["status"],
        intent_id=_id(body.get("payment_intent")),
        metadata=dict(body.get("metadata") or {}),
    )


def ephemeral_key_view(body: Json) -> EphemeralKeyView:
    """Read an ephemeral key."""
    return EphemeralKeyView(id=body["id"], secret=body["secret"], expires=datetime.fromtimestamp(body["expires"], UTC))


def event_view(body: Json) -> WebhookEvent:
    """Read an event; raises KeyError or TypeError if it is none."""
    return WebhookEvent(
        id=body["id"],
        type=body["type"],
        object_id=body["data"]["object"].get("id", ""),
        created=datetime.fromtimestamp(body["created"], UTC),
        account=body.get("account"),
        payload=body,
    )


def nested(body: Json, name: str) -> Json:
    """Return a nested document; empty if it is absent, null or an id that was not expanded."""
    part: object = body.get(name)
    return cast("Json", part) if isinstance(part, Mapping) else {}


def _id(reference: object) -> str | None:
    """Return the id of a reference, expanded or not."""
    if isinstance(reference, Mapping):
        return str(cast("Json", reference)["id"])
    return reference if isinstance(reference, str) else None


def _time(unix_seconds: int | None) -> datetime | None:
    return None if unix_seconds is None else datetime.fromtimestamp(unix_seconds, UTC)
