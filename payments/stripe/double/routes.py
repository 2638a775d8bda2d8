"""Every call of Stripe's API that the double imitates: method, path, typed parameters, imitated parameters, code."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from payments.stripe.double import (
    cancellations,
    captures,
    charges,
    customers,
    ephemeral_keys,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from payments.stripe.double.json_types import JsonObject

_EXPAND = frozenset({"expand"})


@dataclass(frozen=True, slots=True)
class Route:
    """One call; `params_type` names a class of `stripe.params`, `publishable` lets the app's own key in."""

    method: str
    path: str
    params_type: str
    supported: frozenset[str]
    operation: Callable[..., JsonObject]
    publishable: bool = False


_INTENT = "/v1/payment_intents"
_SETUP = "/v1/setup_intents"
_CARD = "/v1/payment_methods"
_CUSTOMER = "/v1/customers"

ROUTES = (
    Route("POST", _CUSTOMER, "CustomerCreateParams", customers.CREATE, customers.create),
    Route("GET", _CUSTOMER, "CustomerListParams", customers.LIST, customers.list_all),
    Route("GET", f"{_CUSTOMER}/:id", "CustomerRetrieveParams", _EXPAND, customers.retrieve),
    Route("POST", f"{_CUSTOMER}/:id", "CustomerUpdateParams", customers.CREATE, customers.update),
    Route("DELETE", f"{_CUSTOMER}/:id", "CustomerDeleteParams", frozenset(), customers.delete),
    Route(
        "GET",
        f"{_CUSTOMER}/:id/payment_methods",
        "CustomerPaymentMethodListParams",
        customers.LIST_CARDS,
        customers.list_cards,
    ),
    Route("POST", _CARD, "PaymentMethodCreateParams", payment_methods.CREATE, payment_methods.create),
    Route("GET", _CARD, "PaymentMethodListParams", payment_methods.LIST, payment_methods.list_all),
    Route("GET", f"{_CARD}/:id", "PaymentMethodRetrieveParams", _EXPAND, payment_methods.retrieve),
    Route(
        "POST",
        f"{_CARD}/:id/attach",
        "PaymentMethodAttachParams",
        payment_methods.ATTACH,
        payment_methods.attach,
    ),
    Route("POST", f"{_CARD}/:id/detach", "PaymentMethodDetachParams", _EXPAND, payment_methods.detach),
    Route("POST", _SETUP, "SetupIntentCreateParams", setup_intents.CREATE, setup_intents.create),
    Route(
        "GET",
        f"{_SETUP}/:id",
        "SetupIntentRetrieveParams",
        setup_intents.RETRIEVE,
        setup_intents.retrieve,
        publishable=True,
    ),
    Route(
        "POST",
        f"{_SETUP}/:id/confirm",
        "SetupIntentConfirmParams",
        setup_intents.CONFIRM,
        setup_intents.confirm,
        publishable=True,
    ),
    Route("POST", f"{_SETUP}/:id/cancel", "SetupIntentCancelParams", setup_intents.CANCEL, setup_intents.cancel),
    Route("POST", _INTENT, "PaymentIntentCreateParams", payment_intents.CREATE, payment_intents.create),
    Route("GET", _INTENT, "PaymentIntentListParams", payment_intents.LIST, payment_intents.list_all),
    Route(
        "GET",
        f"{_INTENT}/:id",
        "PaymentIntentRetrieveParams",
        payment_intents.RETRIEVE,
        payment_intents.retrieve,
        publishable=True,
    ),
    Route(
        "POST",
        f"{_INTENT}/:id/confirm",
        "PaymentIntentConfirmParams",
        payment_intents.CONFIRM,
        payment_intents.confirm_existing,
        publishable=True,
    ),
    Route("POST", f"{_INTENT}/:id/capture", "PaymentIntentCaptureParams", captures.CAPTURE, captures.capture),
    Route("POST", f"{_INTENT}/:id/cancel", "PaymentIntentCancelParams", cancellations.CANCEL, cancellations.cancel),
    Route("GET", "/v1/charges", "ChargeListParams", charges.LIST, charges.list_all),
    Route("GET", "/v1/charges/:id", "ChargeRetrieveParams", _EXPAND, charges.retrieve),
    Route("POST", "/v1/refunds", "RefundCreateParams", refunds.CREATE, refunds.create),
    Route("GET", "/v1/refunds", "RefundListParams", refunds.LIST, refunds.list_all),
    Route("GET", "/v1/refunds/:id", "RefundRetrieveParams", _EXPAND, refunds.retrieve),
    Route("POST", "/v1/ephemeral_keys", "EphemeralKeyCreateParams", ephemeral_keys.CREATE, ephemeral_keys.create),
    Route("GET", "/v1/events", "EventListParams", events.LIST, events.list_all),
    Route("GET", "/v1/events/:id", "EventRetrieveParams", _EXPAND, events.retrieve),
)

_COMPILED = [(route, re.compile(route.path.replace(":id", "([A-Za-z0-9_]+)"))) for route in ROUTES]


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """Return the route of a call and the ids in its path."""
    for route, pattern in _COMPILED:
        if route.method == method and (match := pattern.fullmatch(path)):
            return route, match.groups()
    return None
