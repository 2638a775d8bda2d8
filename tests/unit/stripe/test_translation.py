"""Errors the double cannot provoke, translated; and secrets kept out of what gets printed."""

import pytest
import stripe

from payments.stripe.errors import (
    InvalidRequestToProcessorError,
    ProcessorCredentialsError,
    ProcessorError,
    ProcessorUnavailableError,
    ReplayedFailureError,
)
from payments.stripe.translation import translated
from payments.stripe.views import ephemeral_key_view, event_view, setup_intent_view


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (stripe.APIError("bad gateway", "<html>", 502, None, {}), ProcessorUnavailableError),
        (stripe.APIError("oops", "", 500, {}, {"idempotent-replayed": "true"}), ReplayedFailureError),
        (stripe.APIError("in use", "", 409, {}, {"idempotent-replayed": "true"}), ProcessorUnavailableError),
        (stripe.RateLimitError("slow down", "", 429, {}, {}), ProcessorUnavailableError),
        (stripe.APIConnectionError("no route"), ProcessorUnavailableError),  # type: ignore[no-untyped-call]
        (stripe.PermissionError("not this account", "", 403, {}, {}), ProcessorCredentialsError),
        (
            stripe.InvalidRequestError("no", "x", "whatever", "", 400, {"error": "text"}, {}),  # type: ignore[no-untyped-call]
            InvalidRequestToProcessorError,
        ),
    ],
)
def test_translated(error: stripe.StripeError, expected: type[ProcessorError]) -> None:
    assert type(translated(error)) is expected


def test_secrets_are_not_printed() -> None:
    setup = setup_intent_view({"id": "seti_1", "client_secret": "seti_1_secret_x", "status": "succeeded"})
    key = ephemeral_key_view({"id": "ephkey_1", "secret": "ek_test_x", "expires": 1})
    data = {"object": {"id": "pi_1", "client_secret": "pi_1_secret_x"}}
    event = event_view({"id": "evt_1", "type": "t", "created": 1, "data": data})
    assert "secret_x" not in f"{setup!r}{event!r}"
    assert "ek_test_x" not in repr(key)
    assert (setup.client_secret, key.secret) == ("seti_1_secret_x", "ek_test_x")
