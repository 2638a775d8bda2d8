"""Access tokens: what they carry, who may sign them, and that garbage raises nothing but a UserError."""

import base64
import json
from uuid import uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.drivers.errors import TokenExpiredError, TokenInvalidError
from app.domain.drivers.keys import derive_key
from app.domain.drivers.tokens import AccessTokens, TokenLifetimes
from app.domain.operators.tables import OperatorRole
from app.domain.principals import Principal, PrincipalKind
from app.kit.errors import UserError
from tests.fakes.clock import FrozenClock

SECRET = "an-installation-secret-of-some-length"
CLOCK = FrozenClock()
TOKENS = AccessTokens(SECRET, CLOCK, TokenLifetimes())
KEY = derive_key(SECRET, "access-token")
TENANT, SUBJECT, FAMILY = uuid4(), uuid4(), uuid4()
VALID = TOKENS.issue_driver(TENANT, SUBJECT, FAMILY).value


def _signed(claims: dict[str, object], key: str | bytes = KEY, algorithm: str = "HS256") -> str:
    headers = {"kid": jwt.get_unverified_header(VALID)["kid"]}
    return jwt.PyJWS().encode(json.dumps(claims).encode(), key, algorithm=algorithm, headers=headers)


def _claims(**changes: object) -> dict[str, object]:
    claims = jwt.decode(VALID, options={"verify_signature": False})
    return {name: value for name, value in (claims | changes).items() if value is not None}


def test_a_driver_token_carries_its_claims_and_expires_to_the_second() -> None:
    clock = FrozenClock()
    tokens = AccessTokens(SECRET, clock, TokenLifetimes())
    issued = tokens.issue_driver(TENANT, SUBJECT, FAMILY)
    assert tokens.verify(issued.value) == Principal(
        PrincipalKind.DRIVER, TENANT, SUBJECT, None, FAMILY, issued.expires_at
    )
    assert issued.expires_at == clock.now() + tokens.lifetimes.access
    clock.advance(seconds=899)
    tokens.verify(issued.value)
    clock.advance(seconds=1)
    with pytest.raises(TokenExpiredError):
        tokens.verify(issued.value)


def test_guests_and_operators_are_told_apart() -> None:
    guest = TOKENS.verify(TOKENS.issue_guest(TENANT, SUBJECT).value)
    assert (guest.kind, guest.role, guest.family_id) == (PrincipalKind.GUEST, None, None)
    operator = TOKENS.verify(TOKENS.issue_operator(TENANT, SUBJECT, OperatorRole.SUPPORT, FAMILY).value)
    assert (operator.kind, operator.role) == (PrincipalKind.OPERATOR, OperatorRole.SUPPORT)


def test_a_changed_secret_keeps_old_tokens_only_where_it_is_named() -> None:
    fresh = "a-newer-installation-secret-of-length"
    rotated = AccessTokens(fresh, CLOCK, TokenLifetimes(), [SECRET])
    assert rotated.verify(VALID).subject_id == SUBJECT
    with pytest.raises(TokenInvalidError):
        AccessTokens(fresh, CLOCK, TokenLifetimes()).verify(VALID)
    with pytest.raises(TokenInvalidError):
        TOKENS.verify(rotated.issue_guest(TENANT, SUBJECT).value)


def test_no_other_algorithm_key_or_issuer_is_taken() -> None:
    forged = [
        _signed(_claims(), SECRET.encode()),
        _signed(_claims(), derive_key(SECRET, "one-time-token")),
        _signed(_claims(), KEY * 2, "HS512"),
        _signed(_claims(), "", "none"),
        _signed(_claims(iss="elsewhere")),
        VALID[:-2],
    ]
    for token in forged:
        with pytest.raises(TokenInvalidError):
            TOKENS.verify(token)


@pytest.mark.parametrize("name", ["iss", "sub", "tid", "kind", "exp", "iat", "jti", "fid"])
def test_every_claim_is_needed(name: str) -> None:
    with pytest.raises(TokenInvalidError):
        TOKENS.verify(_signed(_claims(**{name: None})))


def test_an_operator_token_without_role_is_no_operator() -> None:
    for role in (None, "GOD"):
        with pytest.raises(TokenInvalidError):
            TOKENS.verify(_signed(_claims(kind="OPERATOR", role=role)))


@given(st.text() | st.text(alphabet="eyJ.-_abc0{}[]\"'=", max_size=200))
def test_garbage_raises_only_user_errors(token: str) -> None:
    with pytest.raises(UserError):
        TOKENS.verify(token)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), JSON), JSON, st.binary(max_size=40)
)
def test_any_json_in_the_shape_of_a_token_raises_only_user_errors(
    header: dict[str, object], payload: object, signature: bytes
) -> None:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    with pytest.raises(UserError):
        TOKENS.verify(token)


@given(st.sampled_from(["sub", "tid", "kind", "fid", "exp", "iat", "jti", "iss"]), JSON)
def test_signed_nonsense_raises_only_user_errors(name: str, value: object) -> None:
    try:
        principal = TOKENS.verify(_signed(_claims(**{name: value})))
    except UserError:
        return
    assert principal.kind in PrincipalKind  # iat and jti are not read; an exp may happen to lie ahead


@given(st.integers(0, len(VALID) - 2), st.characters())
def test_one_changed_character_is_found(position: int, letter: str) -> None:
    if letter == VALID[position]:
        return
    with pytest.raises(UserError):
        TOKENS.verify(VALID[:position] + letter + VALID[position + 1 :])
