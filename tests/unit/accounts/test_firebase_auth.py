"""Firebase ID tokens through firebase-admin in its emulator mode: nothing leaves the process."""

import base64
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.drivers.errors import TokenExpiredError, TokenInvalidError
from app.domain.drivers.ports import FirebaseIdentity, IdTokenVerifier
from app.kit.errors import UserError
from app.server.firebase_auth import FirebaseTokenVerifier
from tests.fakes.clock import FrozenClock

PROJECT = "demo-voltlane"
CLOCK = FrozenClock()


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _token(**changes: object) -> str:
    now = int(CLOCK.now().timestamp())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "fb-1",
        "iat": now,
        "exp": now + 3600,
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada",
    }
    merged = {name: value for name, value in (claims | changes).items() if value is not None}
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(merged)}."


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch) -> Iterator[FirebaseTokenVerifier]:
    """A verifier in emulator mode."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9")
    made = FirebaseTokenVerifier(PROJECT, CLOCK)
    yield made
    made.close()


async def test_an_emulator_token_is_read(verifier: FirebaseTokenVerifier) -> None:
    port: IdTokenVerifier = verifier
    assert await port.verify(_token()) == FirebaseIdentity("fb-1", "ada@example.com", True, "Ada")
    assert await port.verify(_token(email=None, email_verified=None, name=None)) == FirebaseIdentity(
        "fb-1", None, False, None
    )


async def test_only_true_is_verified(verifier: FirebaseTokenVerifier) -> None:
    for claim in ("true", 1, False):
        assert not (await verifier.verify(_token(email_verified=claim))).email_verified


@pytest.mark.parametrize(
    "changes", [{"aud": "other"}, {"iss": "https://evil.example"}, {"sub": None}, {"sub": "x" * 129}, {"exp": None}]
)
async def test_tokens_of_others_are_refused(verifier: FirebaseTokenVerifier, changes: dict[str, object]) -> None:
    with pytest.raises(TokenInvalidError):
        await verifier.verify(_token(**changes))


async def test_an_expired_token_is_refused(verifier: FirebaseTokenVerifier) -> None:
    with pytest.raises(TokenExpiredError):
        await verifier.verify(_token(exp=int(CLOCK.now().timestamp()) - 5))


async def test_an_unsigned_token_is_refused_without_the_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    verifier = FirebaseTokenVerifier(PROJECT, CLOCK)
    try:
        with pytest.raises(TokenInvalidError):
            await verifier.verify(_token())
    finally:
        verifier.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text() | st.tuples(*[st.sampled_from(["", "e30", "W10", "bnVsbA", "MQ", "!!"])] * 3).map(".".join))
async def test_garbage_raises_only_user_errors(verifier: FirebaseTokenVerifier, token: str) -> None:
    with pytest.raises(UserError):
        await verifier.verify(token)
