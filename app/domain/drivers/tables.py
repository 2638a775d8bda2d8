"""Drivers, their sign-in identities and the tokens that prove who they are.

Passwords are argon2id hashes; refresh and one-time tokens are stored as SHA-256 digests only.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import TenantRow, state_column


class DriverKind(StrEnum):
    """A driver with an account, or a guest who only pays this once."""

    ACCOUNT = "ACCOUNT"
    GUEST = "GUEST"


class TokenPurpose(StrEnum):
    """What a one-time token allows."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105


class SubjectKind(StrEnum):
    """Whose token family it is."""

    DRIVER = "DRIVER"
    OPERATOR = "OPERATOR"


class Driver(TenantRow):
    """A person who charges. E-mail is kept in lower case and unique within the tenant."""

    __tablename__ = "drivers"

    kind: Mapped[DriverKind] = state_column(DriverKind)
    email: Mapped[str | None] = mapped_column(String(254))
    email_verified_at: Mapped[datetime | None]
    password_hash: Mapped[str | None]
    name: Mapped[str | None]
    locale: Mapped[str] = mapped_column(String(10), server_default="de")
    disabled_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("tenant_id", "email"),)


class DriverIdentity(TenantRow):
    """A sign-in of another provider (Firebase) linked to a driver."""

    __tablename__ = "driver_identities"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    provider: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(128))

    __table_args__ = (UniqueConstraint("tenant_id", "provider", "subject"),)


class RefreshToken(TenantRow):
    """One link of a rotating chain: a used token that comes again revokes the whole family."""

    __tablename__ = "refresh_tokens"

    subject_kind: Mapped[SubjectKind] = state_column(SubjectKind)
    subject_id: Mapped[UUID]
    family_id: Mapped[UUID]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str | None] = mapped_column(String(120))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_refresh_tokens_family_id", "family_id"),
        Index("ix_refresh_tokens_subject", "subject_kind", "subject_id"),
    )


class OneTimeToken(TenantRow):
    """A link sent by e-mail, valid once."""

    __tablename__ = "one_time_tokens"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    purpose: Mapped[TokenPurpose] = state_column(TokenPurpose)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AttemptCounter(TenantRow):
    """Failed attempts under one key (an account or an address) in the current window, over all processes."""

    __tablename__ = "attempt_counters"

    key: Mapped[str] = mapped_column(String(200))
    window_started_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)


class IdToken(TenantRow):
    """An RFID card or another token a charger can read. `uid` is upper case: tokens are case-insensitive."""

    __tablename__ = "id_tokens"

    uid: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(20), server_default="ISO14443")
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    label: Mapped[str | None] = mapped_column(String(80))
    blocked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    free_of_charge: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (UniqueConstraint("tenant_id", "uid"),)
