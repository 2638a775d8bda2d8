"""Access tokens: short-lived JWTs (RFC 7519) that say who calls, signed with HMAC-SHA256.

They are checked without the database, so they stay valid until they expire; what has lasting effect asks the
database too (`families.principal_is_live`). `kid` names the key, so that the secret can be changed: the
previous one keeps verifying until its last token has expired. Whatever comes in, `verify` returns a principal
or raises a UserError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from app.domain.drivers.errors import TokenExpiredError, TokenInvalidError
from app.domain.drivers.keys import derive_key, digest_of
from app.domain.operators.tables import OperatorRole
from app.domain.principals import Principal, PrincipalKind
from app.kit.clock import Clock
from app.kit.ids import new_id

_ALGORITHM = "HS256"
_ISSUER = "voltlane"
_MAX_LENGTH = 4096
_CLAIMS = ("iss", "sub", "tid", "kind", "exp", "iat", "jti")
_OPTIONS: dict[str, Any] = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False}


@dataclass(frozen=True, slots=True)
class TokenLifetimes:
    """How long tokens are valid; a refresh token's time starts anew with each rotation."""

    access: timedelta = timedelta(minutes=15)
    refresh: timedelta = timedelta(days=60)
    guest: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and when it ends."""

    value: str
    expires_at: datetime


class AccessTokens:
    """Issues and verifies access tokens. `secret` signs; `previous_secrets` still verify."""

    def __init__(
        self, secret: str, clock: Clock, lifetimes: TokenLifetimes, previous_secrets: Sequence[str] = ()
    ) -> None:
        self.lifetimes = lifetimes
        self.successor_keys = [derive_key(each, "refresh-successor") for each in (secret, *previous_secrets)]
        self._clock = clock
        keys = [derive_key(each, "access-token") for each in (secret, *previous_secrets)]
        self._keys = {digest_of(key.hex())[:16]: key for key in keys}
        self._kid = digest_of(keys[0].hex())[:16]

    def issue_driver(self, tenant_id: UUID, driver_id: UUID, family_id: UUID) -> AccessToken:
        """Return a token of a driver with an account."""
        return self._issue(PrincipalKind.DRIVER, tenant_id, driver_id, self.lifetimes.access, {"fid": str(family_id)})

    def issue_guest(self, tenant_id: UUID, driver_id: UUID) -> AccessToken:
        """Return a guest's only token: it cannot be refreshed."""
        return self._issue(PrincipalKind.GUEST, tenant_id, driver_id, self.lifetimes.guest, {})

    def issue_operator(self, tenant_id: UUID, operator_id: UUID, role: OperatorRole, family_id: UUID) -> AccessToken:
        """Return a token of an operator with the role of now."""
        claims = {"fid": str(family_id), "role": role.value}
        return self._issue(PrincipalKind.OPERATOR, tenant_id, operator_id, self.lifetimes.access, claims)

    def _issue(
        self, kind: PrincipalKind, tenant_id: UUID, subject_id: UUID, life: timedelta, more: dict[str, str]
    ) -> AccessToken:
        now = self._clock.now().replace(microsecond=0)
        claims = {
            "iss": _ISSUER,
            "sub": str(subject_id),
            "tid": str(tenant_id),
            "kind": kind.value,
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "jti": str(new_id()),
            **more,
        }
        value = jwt.encode(claims, self._keys[self._kid], algorithm=_ALGORITHM, headers={"kid": self._kid})
        return AccessToken(value, now + life)

    def verify(self, token: str) -> Principal:
        """Return who a token speaks for. Raises TokenExpiredError, TokenInvalidError."""
        claims = self._claims(token)
        try:
            principal = _principal(claims)
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise TokenInvalidError from error
        if principal.expires_at <= self._clock.now():
            raise TokenExpiredError
        return principal

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_LENGTH:
            raise TokenInvalidError
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            return jwt.decode(token, key, algorithms=[_ALGORITHM], issuer=_ISSUER, options=_OPTIONS)  # type: ignore[arg-type]
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise TokenInvalidError from error


def _principal(claims: dict[str, Any]) -> Principal:
    """Read signed claims; a kind lacks neither its role nor its family."""
    kind = PrincipalKind(claims["kind"])
    return Principal(
        kind=kind,
        tenant_id=UUID(str(claims["tid"])),
        subject_id=UUID(str(claims["sub"])),
        role=OperatorRole(claims["role"]) if kind is PrincipalKind.OPERATOR else None,
        family_id=None if kind is PrincipalKind.GUEST else UUID(str(claims["fid"])),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
    )
