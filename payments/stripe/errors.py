"""What can go wrong at Stripe, as types a caller can act on.

    ProcessorError
    ├── CardDeclinedError                   the bank said no; another card may do
    ├── AuthenticationRequiredError         the driver must come back and authenticate
    ├── ProcessorUnavailableError           outcome unknown: repeat with the same idempotency key
    │   └── ReplayedFailureError            that key only ever answers this failure: look the object up, then next key
    ├── IntentStateError                    the intent's status does not allow it; carries the intent as it is
    │   ├── AlreadyCapturedError            it was captured before
    │   └── IntentCanceledError             it was cancelled or its hold expired
    ├── AmountRefusedError                  the amount is not acceptable
    │   ├── AmountTooSmallError             below the processor's minimum: waive it
    │   ├── CaptureExceedsHoldError         more than was held
    │   └── RefundExceedsCaptureError       more than was captured and not yet refunded
    └── RequestRefusedError                 repeating cannot help: a programming or configuration error
        ├── InvalidRequestToProcessorError  malformed or impossible request
        ├── IdempotencyConflictError        the key was used with other parameters
        ├── ProcessorObjectMissingError     no such object in this account
        └── ProcessorCredentialsError       the secret key or the account is refused

No message carries a key, a client secret or card data beyond brand and last four digits.
"""

from app.kit.errors import VoltlaneError
from payments.stripe.views import IntentView


class ProcessorError(VoltlaneError):
    """Base of everything the processor answers but success; `code` is Stripe's own, if it gave one."""

    def __init__(self, message: str, *, code: str | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id


class CardDeclinedError(ProcessorError):
    """The bank declined; `decline_code` says why, `intent_id` names the payment or setup intent if one was made."""

    def __init__(
        self, message: str, *, code: str | None, decline_code: str | None, intent_id: str | None, request_id: str | None
    ) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.decline_code = decline_code
        self.intent_id = intent_id


class AuthenticationRequiredError(ProcessorError):
    """An off-session payment needs the driver; `intent` has the client secret to bring them back with."""

    def __init__(self, message: str, *, intent: IntentView, code: str | None, request_id: str | None) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.intent = intent


class ProcessorUnavailableError(ProcessorError):
    """Network failure, timeout, 5xx, rate limit or a key in use: it may or may not have happened.

    Repeating the same call with the same idempotency key is safe.
    """


class ReplayedFailureError(ProcessorUnavailableError):
    """The key's saved answer is a 5xx, so repeating it answers the same until the key is pruned.

    Find out what happened (`StripeGateway.find_intents`); only if nothing did, go on with the next key.
    """


class IntentStateError(ProcessorError):
    """The intent's status does not allow the operation; `intent` is its present state."""

    def __init__(self, message: str, *, intent: IntentView, code: str | None, request_id: str | None) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.intent = intent


class AlreadyCapturedError(IntentStateError):
    """The intent has succeeded: its money was taken before."""


class IntentCanceledError(IntentStateError):
    """The intent was cancelled, or its hold expired."""


class AmountRefusedError(ProcessorError):
    """The amount is not acceptable."""


class AmountTooSmallError(AmountRefusedError):
    """Below the processor's minimum for the currency."""


class CaptureExceedsHoldError(AmountRefusedError):
    """More than is held."""


class RefundExceedsCaptureError(AmountRefusedError):
    """More than was captured and not yet refunded."""


class RequestRefusedError(ProcessorError):
    """Repeating cannot help; someone has to change code or configuration."""


class InvalidRequestToProcessorError(RequestRefusedError):
    """Malformed or impossible; `param` names the parameter at fault, if Stripe named one."""

    def __init__(self, message: str, *, code: str | None, param: str | None, request_id: str | None) -> None:
        super().__init__(message, code=code, request_id=request_id)
        self.param = param


class IdempotencyConflictError(RequestRefusedError):
    """The key was first used with other parameters or for another operation."""


class ProcessorObjectMissingError(RequestRefusedError):
    """There is no such object in this account."""


class ProcessorCredentialsError(RequestRefusedError):
    """The secret key or the connected account is refused."""
