"""A driver's account and the tokens of a device that is signed in."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from app.domain.drivers.families import TokenPair
from app.domain.drivers.profile import DriverProfile
from app.domain.drivers.tables import DriverKind


@strawberry.type
class Driver(relay.Node):
    """A driver. Guests have neither e-mail nor password."""

    id: relay.NodeID[UUID]
    kind: DriverKind
    email: str | None
    email_verified: bool
    has_password: bool
    name: str | None
    locale: str

    @classmethod
    def of(cls, profile: DriverProfile) -> "Driver":
        """Return a profile."""
        return cls(
            id=profile.id,
            kind=profile.kind,
            email=profile.email,
            email_verified=profile.email_verified,
            has_password=profile.has_password,
            name=profile.name,
            locale=profile.locale,
        )


@strawberry.type
class AuthTokens:
    """A device's tokens. The refresh token is good once: `refreshSession` answers the next pair."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime

    @classmethod
    def of(cls, pair: TokenPair) -> "AuthTokens":
        """Return a pair of tokens."""
        return cls(
            access_token=pair.access_token,
            access_expires_at=pair.access_expires_at,
            refresh_token=pair.refresh_token,
            refresh_expires_at=pair.refresh_expires_at,
        )
