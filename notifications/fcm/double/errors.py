"""Error answers as FCM gives them: HTTP status, google.rpc status, and FCM's own code among the details.

Source: the error model of the FCM HTTP v1 API (`ErrorCode`, `google.rpc.Status`).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
QUOTA_RETRY_SECONDS = 60


class Fault(StrEnum):
    """Errors that a token's prefix ("unregistered-…") or an injected fault calls up."""

    UNREGISTERED = "UNREGISTERED"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    SENDER_ID_MISMATCH = "SENDER_ID_MISMATCH"
    THIRD_PARTY_AUTH_ERROR = "THIRD_PARTY_AUTH_ERROR"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    ANSWER_LOST = "ANSWER_LOST"
    """The message is accepted and kept, but the caller gets 503."""


TOKEN_PREFIXES: dict[str, Fault] = {
    "unregistered-": Fault.UNREGISTERED,
    "invalid-": Fault.INVALID_ARGUMENT,
    "mismatch-": Fault.SENDER_ID_MISMATCH,
    "apns-auth-": Fault.THIRD_PARTY_AUTH_ERROR,
    "quota-": Fault.QUOTA_EXCEEDED,
    "internal-": Fault.INTERNAL,
    "unavailable-": Fault.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error answer ready to be sent."""

    http_status: int
    status: str
    message: str
    details: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        error: dict[str, Any] = {"code": self.http_status, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid_field(name: str, why: str) -> ErrorAnswer:
    """Return the answer to a request with a bad field."""
    violation = {"field": name, "description": why}
    return ErrorAnswer(400, "INVALID_ARGUMENT", why, [{"@type": _BAD_REQUEST, "fieldViolations": [violation]}])


def unauthenticated() -> ErrorAnswer:
    """Return the answer to a request without a bearer token."""
    message = (
        "Request is missing required authentication credential. Expected OAuth 2 access token, "
        "login cookie or other valid authentication credential."
    )
    return ErrorAnswer(401, "UNAUTHENTICATED", message)


def _fcm(http_status: int, status: str, message: str, code: str, **headers: str) -> ErrorAnswer:
    return ErrorAnswer(http_status, status, message, [{"@type": _FCM_ERROR, "errorCode": code}], dict(headers))


_ANSWERS: dict[Fault, ErrorAnswer] = {
    Fault.UNREGISTERED: _fcm(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"),
    Fault.INVALID_ARGUMENT: _fcm(
        400,
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
        "INVALID_ARGUMENT",
    ),
    Fault.SENDER_ID_MISMATCH: _fcm(403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"),
    Fault.THIRD_PARTY_AUTH_ERROR: _fcm(
        401,
        "UNAUTHENTICATED",
        "Auth error from APNS or Web Push Service",
        "THIRD_PARTY_AUTH_ERROR",
    ),
    Fault.QUOTA_EXCEEDED: _fcm(
        429,
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Send requests'.",
        "QUOTA_EXCEEDED",
        **{"Retry-After": str(QUOTA_RETRY_SECONDS)},
    ),
    Fault.INTERNAL: _fcm(500, "INTERNAL", "Internal error encountered.", "INTERNAL"),
    Fault.UNAVAILABLE: _fcm(503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"),
}
_ANSWERS[Fault.ANSWER_LOST] = _ANSWERS[Fault.UNAVAILABLE]


def fault_answer(fault: Fault) -> ErrorAnswer:
    """Return the answer of a fault."""
    return _ANSWERS[fault]
