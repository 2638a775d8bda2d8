"""What a handshake says, and how often it may be wrong."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.stations.charger_credentials import (
    hash_charger_password,
    new_charger_password,
    verify_charger_password,
)
from ocpp_bridge.handshake import BasicCredentials, read_basic, read_handshake
from ocpp_bridge.refusals import RefusalLimiter


def scope(path: bytes, **changes: Any) -> dict[str, Any]:
    """Return an ASGI scope."""
    return {"type": "websocket", "raw_path": path, "path": "/", "headers": [], "client": ("10.0.0.1", 1)} | changes


@pytest.mark.parametrize(
    ("path", "tenant", "identity"),
    [
        (b"/ocpp/default/CP1", "default", "CP1"),
        (b"/ocpp/Default/CP1/", "default", "CP1"),
        (b"/ocpp/default/steve/websocket/CP-1_a", "default", "CP-1_a"),
        (b"/ocpp/default/CP%20%25?x=1", "default", "CP %"),
        (b"/ocpp/default//DE*ABC%2F1", "default", "DE*ABC/1"),
    ],
)
def test_tenant_and_identity_are_in_the_path(path: bytes, tenant: str, identity: str) -> None:
    handshake = read_handshake(scope(path))
    assert handshake is not None
    assert (handshake.tenant, handshake.identity, handshake.client) == (tenant, identity, "10.0.0.1")


@pytest.mark.parametrize(
    "path", [b"/", b"/ocpp", b"/ocpp/default", b"/other/a/b", b"/ocpp/a/" + b"x" * 49, b"/ocpp/a/%00"]
)
def test_other_paths_name_no_charger(path: bytes) -> None:
    assert read_handshake(scope(path)) is None


@given(st.binary())
def test_no_path_and_no_header_raises(data: bytes) -> None:
    read_handshake(scope(b"/ocpp/a/" + data, headers=[(b"Authorization", b"Basic " + data)]))


def test_basic_credentials_may_hold_any_bytes() -> None:
    header = b"basic " + base64.b64encode(b"CP1:\xff:\x00")
    assert read_basic(header) == BasicCredentials("CP1", b"\xff:\x00")
    for broken in (
        b"",
        b"Basic",
        b"Basic =",
        b"Basic " + base64.b64encode(b"CP1"),
        b"Basic " + base64.b64encode(b"CP1:"),
    ):
        assert read_basic(broken) is None


def test_a_key_is_taken_in_each_of_its_forms() -> None:
    password = new_charger_password()
    assert len(password) == 32
    stored = hash_charger_password(password)
    assert password not in stored
    assert stored != hash_charger_password(password)
    for form in (password.encode(), password.encode().hex().encode(), password.encode().hex().upper().encode()):
        assert verify_charger_password(form, stored)
    for other in (b"", b"\xff", password.encode()[:-1], password.lower().encode()):
        assert not verify_charger_password(other, stored)
    hexadecimal = hash_charger_password("00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff")
    assert verify_charger_password(bytes.fromhex("00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"), hexadecimal)
    for broken in ("", "plain", "sha256$", "md5$a$b"):
        assert not verify_charger_password(b"x", broken)


def test_refusals_are_counted_by_window() -> None:
    now = 100.0
    limiter = RefusalLimiter(lambda: now, most=2, window_seconds=10)
    for _ in range(2):
        assert limiter.wait_seconds(("a",)) == 0
        limiter.refused(("a",))
    assert limiter.wait_seconds(("a",)) == 11
    assert limiter.wait_seconds(("b",)) == 0
    now = 110.0
    assert limiter.wait_seconds(("a",)) == 0
    limiter.refused(("a",))
    assert limiter.wait_seconds(("a",)) == 0
    limiter.refused(("a",))
    limiter.forget(("a",))
    assert limiter.wait_seconds(("a",)) == 0
