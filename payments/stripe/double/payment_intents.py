"""Payment intents: create, retrieve, list and confirm. Capture and cancellation have files of their own."""

from app.kit.errors import InvalidInputError
from app.kit.money import minor_unit_exponent
from payments.stripe.amounts import minimum_processor_amount, processor_amount_step
from payments.stripe.double.confirmation import confirm
from payments.stripe.double.context import Context, new_object_id
from payments.stripe.double.errors import invalid_request
from payments.stripe.double.json_types import JsonObject
from payments.stripe.double.lists import page
from payments.stripe.double.payment_methods import resolve

CREATE = frozenset(
    [
        "amount",
        "currency",
        "capture_method",
        "confirm",
        "customer",
        "description",
        "metadata",
        "off_session",
        "payment_method",
        "return_url",
        "setup_future_usage",
        "statement_descriptor_suffix",
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "error_on_requires_action",
        "receipt_email",
        "expand",
    ]
)
CONFIRM = frozenset(
    ["payment_method", "off_session", "return_url", "setup_future_usage", "error_on_requires_action", "expand"]
)
RETRIEVE = frozenset(["client_secret", "expand"])
LIST = frozenset(["customer", "created", "limit", "starting_after", "ending_before", "expand"])

_LARGEST_AMOUNT = 99_999_999


def create(ctx: Context, params: JsonObject) -> JsonObject:
    """POST /v1/payment_intents."""
    currency = _currency(params["currency"])
    check_amount(params["amount"], currency, "amount")
    if "off_session" in params and not params.get("confirm"):
        raise invalid_request("You can only set `off_session` when `confirm` is true.", param="off_session")
    if "customer" in params:
        ctx.load("customer", params["customer"], param="customer", status=400)
    payment_method = resolve(ctx, params["payment_method"])["id"] if "payment_method" in params else None
    intent = _new_intent(ctx, params, currency, payment_method)
    ctx.emit("payment_intent.created", intent)
    if not params.get("confirm"):
        return intent
    return confirm(ctx, intent, {**params, "payment_method": payment_method})


def _new_intent(ctx: Context, params: JsonObject, currency: str, payment_method: str | None) -> JsonObject:
    types = params.get("allowed_payment_method_types")
    automatic = params.get("automatic_payment_methods", None if types else {"enabled": True})
    members: JsonObject = {
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": None,
        "confirmation_method": "automatic",
        "currency": currency.lower(),
        "customer": params.get("customer"),
        "description": params.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": params.get("metadata") or {},
        "next_action": None,
        "payment_method": payment_method,
        "payment_method_types": types or ["card", "link"],
        "receipt_email": params.get("receipt_email"),
        "setup_future_usage": params.get("setup_future_usage"),
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_confirmation" if payment_method else "requires_payment_method",
    }
    intent = ctx.new("pi", "payment_intent", members)
    intent["client_secret"] = f"{intent['id']}_{new_object_id('secret')}"
    ctx.store.save(intent)
    return intent


def retrieve(ctx: Context, _params: JsonObject, intent_id: str) -> JsonObject:
    """GET /v1/payment_intents/{id}."""
    return ctx.load("payment_intent", intent_id, param="intent")


def list_all(ctx: Context, params: JsonObject) -> JsonObject:
    """GET /v1/payment_intents."""
    return page(ctx, "payment_intent", params, ("customer",))


def confirm_existing(ctx: Context, params: JsonObject, intent_id: str) -> JsonObject:
    """POST /v1/payment_intents/{id}/confirm."""
    return confirm(ctx, ctx.load("payment_intent", intent_id, param="intent"), params)


def check_amount(amount: int, currency: str, param: str) -> None:
    """Raise unless Stripe would charge this amount of an upper-case currency."""
    if amount < 1:
        raise invalid_request(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param
        )
    if amount < minimum_processor_amount(currency):
        raise invalid_request(
            f"Amount must be at least {minimum_processor_amount(currency)} {currency.lower()}",
            code="amount_too_small",
            param=param,
        )
    if amount > _LARGEST_AMOUNT:
        raise invalid_request("Amount must be no more than 99999999.", code="amount_too_large", param=param)
    if amount % processor_amount_step(currency):
        raise invalid_request(
            f"Invalid amount for {currency}: it must be a multiple of {processor_amount_step(currency)}.",
            code="parameter_invalid_integer",
            param=param,
        )


def _currency(given: str) -> str:
    try:
        minor_unit_exponent(given.upper())
    except InvalidInputError as error:
        raise invalid_request(f"Invalid currency: {given}", param="currency") from error
    return given.upper()
