"""Webhook verification: genuine and fresh bodies only, whatever else is tried."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from payments.stripe.double.deliveries import signature_header
from payments.stripe.webhooks import (
    MAX_BODY_BYTES,
    MalformedWebhookError,
    SignatureInvalidError,
    StaleWebhookError,
    verify_webhook,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1772366000,
    "account": "acct_partner",
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "description": "Laden in Köln"}},
}
BODY = json.dumps(EVENT, indent=2).encode()


def _signed(body: bytes = BODY, secret: str = "whsec_new", at: datetime = NOW) -> str:
    return signature_header(body, secret, int(at.timestamp()))


def test_a_genuine_event_is_read() -> None:
    event = verify_webhook(BODY, _signed(), ["whsec_new"], NOW)
    assert (event.id, event.type, event.object_id) == ("evt_1", "payment_intent.succeeded", "pi_1")
    assert event.created == datetime.fromtimestamp(1772366000, UTC)
    assert event.account == "acct_partner"
    assert event.payload == EVENT


@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_either_secret_of_a_rotation_is_accepted(secret: str) -> None:
    event = verify_webhook(BODY, _signed(secret=secret), ["whsec_old", "whsec_new"], NOW)
    assert event.id == "evt_1"


def test_several_signatures_in_one_header_are_tried() -> None:
    header = _signed(secret="whsec_other") + "," + _signed().split(",")[1]
    assert verify_webhook(BODY, header, ["whsec_new"], NOW).id == "evt_1"


@pytest.mark.parametrize(
    ("body", "header", "secrets"),
    [
        (BODY, _signed(secret="whsec_wrong"), ["whsec_new"]),
        (BODY.replace(b"pi_1", b"pi_2"), _signed(), ["whsec_new"]),
        (json.dumps(EVENT).encode(), _signed(), ["whsec_new"]),
        (BODY, _signed(secret=""), [""]),
        (BODY, _signed(), []),
        (BODY, "", ["whsec_new"]),
        (BODY, "t=now,v1=00", ["whsec_new"]),
        (BODY, _signed().replace("v1=", "v0="), ["whsec_new"]),
        (BODY, _signed().split(",")[1], ["whsec_new"]),
    ],
)
def test_anything_else_is_refused(body: bytes, header: str, secrets: list[str]) -> None:
    with pytest.raises(SignatureInvalidError):
        verify_webhook(body, header, secrets, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_within_the_tolerance(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert verify_webhook(BODY, _signed(at=at), ["whsec_new"], NOW).id == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_outside_the_tolerance(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    with pytest.raises(StaleWebhookError):
        verify_webhook(BODY, _signed(at=at), ["whsec_new"], NOW)


def test_a_later_time_cannot_be_written_over_the_signed_one() -> None:
    old = NOW - timedelta(days=1)
    header = _signed(at=old) + f",t={int(NOW.timestamp())}"
    with pytest.raises(StaleWebhookError):
        verify_webhook(BODY, header, ["whsec_new"], NOW)
    with pytest.raises(SignatureInvalidError):
        verify_webhook(BODY, f"t={int(NOW.timestamp())},{_signed(at=old)}", ["whsec_new"], NOW)


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"null", b"not json", b'{"id": "evt_1", "type": "x", "created": 1, "data": {}}', b"\xff"]
)
def test_a_signed_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(MalformedWebhookError):
        verify_webhook(body, _signed(body), ["whsec_new"], NOW)


def test_too_large_is_refused_unread() -> None:
    large = b" " * (MAX_BODY_BYTES + 1)
    with pytest.raises(MalformedWebhookError):
        verify_webhook(large, "", ["whsec_new"], NOW)
    with pytest.raises(MalformedWebhookError):
        verify_webhook(BODY, _signed() + ",v1=00" * 500, ["whsec_new"], NOW)
