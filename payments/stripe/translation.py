"""Translates the library's exceptions into ours; the only place that reads Stripe's error codes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from payments.stripe.errors import (
    AlreadyCapturedError,
    AmountTooSmallError,
    AuthenticationRequiredError,
    CaptureExceedsHoldError,
    CardDeclinedError,
    IdempotencyConflictError,
    IntentCanceledError,
    IntentStateError,
    InvalidRequestToProcessorError,
    ProcessorCredentialsError,
    ProcessorError,
    ProcessorObjectMissingError,
    ProcessorUnavailableError,
    RefundExceedsCaptureError,
    ReplayedFailureError,
)
from payments.stripe.views import IntentStatus, Json, intent_view, nested

if TYPE_CHECKING:
    import stripe

CONFLICT = 409
_SERVER_ERROR = 500
_STATE_ERRORS = {
    IntentStatus.SUCCEEDED: AlreadyCapturedError,
    IntentStatus.CANCELED: IntentCanceledError,
}


def translated(error: "stripe.StripeError") -> ProcessorError:
    """Return our error for one the library raised."""
    import stripe

    message, request_id = error.user_message or type(error).__name__, error.request_id
    match error:
        case stripe.CardError():
            return _card_error(error, message)
        case stripe.IdempotencyError():
            return IdempotencyConflictError(message, code=error.code, request_id=request_id)
        case stripe.AuthenticationError() | stripe.PermissionError():
            return ProcessorCredentialsError(message, code=error.code, request_id=request_id)
        case stripe.InvalidRequestError():
            return _refusal(error, message)
        case _:
            return _unavailable(error, message)


def _unavailable(error: "stripe.StripeError", message: str) -> ProcessorError:
    replayed = (error.headers or {}).get("idempotent-replayed") == "true"
    unsettled = (error.http_status or 0) >= _SERVER_ERROR
    kind = ReplayedFailureError if replayed and unsettled else ProcessorUnavailableError
    return kind(message, code=error.code, request_id=error.request_id)


def _card_error(error: "stripe.StripeError", message: str) -> ProcessorError:
    details = _details(error)
    intent = nested(details, "payment_intent")
    if error.code == "authentication_required" and intent:
        return AuthenticationRequiredError(
            message, intent=intent_view(intent), code=error.code, request_id=error.request_id
        )
    embedded = intent or nested(details, "setup_intent")
    return CardDeclinedError(
        message,
        code=error.code,
        decline_code=details.get("decline_code"),
        intent_id=embedded.get("id"),
        request_id=error.request_id,
    )


def _refusal(error: "stripe.StripeError", message: str) -> ProcessorError:
    details = _details(error)
    code, request_id, param = error.code, error.request_id, details.get("param")
    if code == "payment_intent_unexpected_state" and details.get("payment_intent"):
        intent = intent_view(details["payment_intent"])
        kind = _STATE_ERRORS.get(intent.status, IntentStateError)
        return kind(message, intent=intent, code=code, request_id=request_id)
    if code == "resource_missing":
        return ProcessorObjectMissingError(message, code=code, request_id=request_id)
    if code == "amount_too_small":
        return AmountTooSmallError(message, code=code, request_id=request_id)
    if code == "amount_too_large" and param == "amount_to_capture":
        return CaptureExceedsHoldError(message, code=code, request_id=request_id)
    if code == "charge_already_refunded" or (code is None and param == "amount"):
        return RefundExceedsCaptureError(message, code=code, request_id=request_id)
    return InvalidRequestToProcessorError(message, code=code, param=param, request_id=request_id)


def _details(error: "stripe.StripeError") -> Json:
    body = error.json_body
    return nested(cast("Json", body), "error") if isinstance(body, Mapping) else {}
