"""What an error of firebase-admin means for the message and its device (FCM HTTP v1, `ErrorCode`).

A device is only forgotten when FCM says that this very token is dead. A wrong project, sender or key makes
every token look bad, and must not empty the table of devices.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from notifications.fcm.port import DeliveryResult, DeliveryStatus

if TYPE_CHECKING:
    from firebase_admin.exceptions import FirebaseError
    from google.auth.exceptions import GoogleAuthError

_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_SERVER_ERROR = 500


def result_of_error(error: "FirebaseError | GoogleAuthError") -> DeliveryResult:
    """Return the result for an error that sending one message, or fetching a Google token for it, raised."""
    from firebase_admin import messaging
    from google.auth.exceptions import GoogleAuthError

    if isinstance(error, GoogleAuthError):
        passing = DeliveryStatus.RETRY if error.retryable else DeliveryStatus.FAILED
        return DeliveryResult(passing, error=f"GOOGLE_AUTH: {error}")
    if isinstance(error, messaging.UnregisteredError) or _rejects_the_token(error):
        status = DeliveryStatus.TOKEN_DEAD
    elif _is_passing(error):
        status = DeliveryStatus.RETRY
    else:
        status = DeliveryStatus.FAILED
    return DeliveryResult(status, error=f"{error.code}: {error}", retry_after=_retry_after(error))


def _rejects_the_token(error: Any) -> bool:
    """Tell whether an INVALID_ARGUMENT is about the token: FCM's own detail and no other field at fault."""
    if error.code != "INVALID_ARGUMENT" or error.http_response is None:
        return False
    details = _details(error.http_response)
    fields = [
        violation.get("field")
        for detail in details
        if detail.get("@type") == _BAD_REQUEST
        for violation in detail.get("fieldViolations", [])
    ]
    from_fcm = any(detail.get("@type") == _FCM_ERROR for detail in details)
    return from_fcm and all(field == "message.token" for field in fields)


def _details(response: Any) -> list[dict[str, Any]]:
    try:
        body = response.json()
    except ValueError:
        return []
    details = body.get("error", {}).get("details", []) if isinstance(body, dict) else []
    return [detail for detail in details if isinstance(detail, dict)]


def _is_passing(error: Any) -> bool:
    if error.code in ("RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED"):
        return True
    # Without an answer the network failed on the way; other 5xx come from proxies in front of the service.
    return error.http_response is None or error.http_response.status_code >= _SERVER_ERROR


def _retry_after(error: Any) -> timedelta | None:
    if error.http_response is None:
        return None
    seconds = error.http_response.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None
