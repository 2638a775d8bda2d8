"""Tables of the architecture itself: tenants, the event log, idempotency keys and the audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantRow, currency_column
from app.kit.ids import new_id


class Tenant(Base):
    """A brand: the seller behind one white-label app. Visible to every role, so it holds no secret."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str]
    hosts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    country: Mapped[str] = mapped_column(String(2))
    time_zone: Mapped[str]
    locale: Mapped[str] = mapped_column(String(10), server_default="de")
    currency: Mapped[str] = currency_column()
    seller_name: Mapped[str]
    seller_address: Mapped[str]
    seller_vat_id: Mapped[str]
    support_contact: Mapped[str]
    stripe_account: Mapped[str | None]
    default_hold_minor: Mapped[int | None]
    allow_self_registration: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Event(Base):
    """One fact about one aggregate. Append-only; `seq` is assigned under the aggregate's row lock, without gaps."""

    __tablename__ = "events"

    tenant_id: Mapped[UUID] = mapped_column(
        ForeignKey("tenants.id"), server_default=text("current_setting('app.tenant')::uuid")
    )
    aggregate_type: Mapped[str] = mapped_column(String(40))
    aggregate_id: Mapped[UUID]
    seq: Mapped[int]
    type: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        PrimaryKeyConstraint("aggregate_id", "seq"),
        Index("ix_events_tenant_occurred", "tenant_id", "occurred_at"),
    )


class IdempotencyKey(TenantRow):
    """The first arrival of a call that may come twice, and what it answered."""

    __tablename__ = "idempotency_keys"

    actor: Mapped[str]
    operation: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(255))
    request_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any] | None]

    __table_args__ = (UniqueConstraint("tenant_id", "actor", "operation", "key"),)


class AuditEntry(TenantRow):
    """An admin mutation: who did what, with which input and outcome. Append-only."""

    __tablename__ = "audit_entries"

    operator_id: Mapped[UUID | None]
    actor: Mapped[str]
    operation: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str | None]
    input: Mapped[dict[str, Any]]
    outcome: Mapped[str] = mapped_column(String(60))
    request_id: Mapped[str | None]

    __table_args__ = (Index("ix_audit_entries_tenant_created", "tenant_id", "created_at"),)
