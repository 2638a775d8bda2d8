"""Errors in the shape of Stripe's API: `{"error": {"type", "code", "message", "param", …}}` with its HTTP status."""

from payments.stripe.double.json_types import JsonObject


class StripeApiError(Exception):
    """An error answer; `details` are further members of the error object, such as the embedded intent."""

    def __init__(
        self,
        status: int,
        error_type: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        details: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message
        self.code = code
        self.param = param
        self.details = details or {}

    def body(self) -> JsonObject:
        """Return the response document."""
        error: JsonObject = {"type": self.error_type, "message": self.message, **self.details}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def invalid_request(
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    status: int = 400,
    details: JsonObject | None = None,
) -> StripeApiError:
    """Return an `invalid_request_error`."""
    return StripeApiError(status, "invalid_request_error", message, code=code, param=param, details=details)


def resource_missing(kind: str, object_id: str, param: str, *, status: int = 404) -> StripeApiError:
    """Return the error for an id that names nothing in this account."""
    return invalid_request(f"No such {kind}: '{object_id}'", code="resource_missing", param=param, status=status)


def unexpected_state(kind: str, verb: str, body: JsonObject, allowed: tuple[str, ...]) -> StripeApiError:
    """Return the error for an operation that the object's status does not allow; the object is embedded."""
    name = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}[kind]
    return invalid_request(
        f"This {name} could not be {verb} because it has a status of {body['status']}. Only a {name} with one of "
        f"the following statuses may be {verb}: {', '.join(allowed)}.",
        code=f"{kind}_unexpected_state",
        details={kind: body},
    )


def api_error(status: int = 500) -> StripeApiError:
    """Return the answer of a Stripe that is having trouble (5xx), or of its rate limiter (429)."""
    if status == 429:  # noqa: PLR2004 - the HTTP status itself
        return invalid_request("Request rate limit exceeded.", code="rate_limit", status=status)
    return StripeApiError(status, "api_error", "An unknown error occurred on the double's side.")
