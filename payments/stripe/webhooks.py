"""Decides whether a webhook body really comes from Stripe. Pure: it stores nothing and trusts nothing but the secret.

    WebhookRefusedError
    ├── MalformedWebhookError     too large, or not an event
    ├── SignatureInvalidError     signed with none of our secrets
    └── StaleWebhookError         signed, but outside the tolerance: possibly replayed

Refusing costs at most one HMAC over a bounded body for each secret.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.kit.errors import VoltlaneError
from payments.stripe.views import WebhookEvent, event_view

MAX_BODY_BYTES = 512 * 1024
_MAX_HEADER_CHARS = 2048
TOLERANCE = timedelta(seconds=300)
_TIMESTAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


class WebhookRefusedError(VoltlaneError):
    """The body is not accepted; the endpoint answers 400."""


class MalformedWebhookError(WebhookRefusedError):
    """The body or header is too large, or the body is not an event."""


class SignatureInvalidError(WebhookRefusedError):
    """No secret of ours made this signature."""


class StaleWebhookError(WebhookRefusedError):
    """The signature is genuine but was made too long before or after now."""


def verify_webhook(
    raw_body: bytes,
    signature_header: str,
    secrets: Sequence[str],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> WebhookEvent:
    """Return the event in a body exactly as received.

    Several secrets let one be rotated; each must be non-empty. Raises WebhookRefusedError.
    """
    if len(raw_body) > MAX_BODY_BYTES or len(signature_header) > _MAX_HEADER_CHARS:
        raise MalformedWebhookError("body or signature header is too large")
    try:
        body = raw_body.decode()
    except UnicodeDecodeError as error:
        raise MalformedWebhookError("body is not UTF-8") from error
    if not any(_signed_by(secret, body, signature_header) for secret in secrets):
        raise SignatureInvalidError("the signature was made with none of the configured secrets")
    _check_age(signature_header, now, tolerance)
    try:
        return event_view(json.loads(body))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedWebhookError("the signed body is not an event") from error


def _signed_by(secret: str, body: str, header: str) -> bool:
    import stripe

    try:
        # Age is checked against the caller's clock, not the library's.
        stripe.WebhookSignature.verify_header(body, header, secret)  # pyright: ignore[reportUnknownMemberType]
    except stripe.SignatureVerificationError:
        return False
    return True


def _check_age(header: str, now: datetime, tolerance: timedelta) -> None:
    match = _TIMESTAMP.search(header)
    if match is None:
        raise SignatureInvalidError("the signature carries no time")
    if abs(now - datetime.fromtimestamp(int(match[1]), UTC)) > tolerance:
        raise StaleWebhookError("the signature is outside the tolerance")
