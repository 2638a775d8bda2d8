"""Tariffs as operators publish them, and the frozen copies that sessions are billed by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import TenantRow, currency_column


class TariffRow(TenantRow):
    """A tariff: its current OCPI object, version and content hash. Published tariffs are replaced, never edited."""

    __tablename__ = "tariffs"

    name: Mapped[str]
    currency: Mapped[str] = currency_column()
    version: Mapped[int] = mapped_column(server_default="1")
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    archived_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (Index("uq_tariffs_default", "tenant_id", unique=True, postgresql_where=text("is_default")),)


class TariffSnapshot(TenantRow):
    """A tariff frozen by content: the same content is stored once. Append-only."""

    __tablename__ = "tariff_snapshots"

    tariff_id: Mapped[UUID] = mapped_column(ForeignKey("tariffs.id"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("tenant_id", "tariff_id", "content_hash"),)
