"""The declarative base of all tables and the column types they share.

Every table carries the tenant (brand) it belongs to and is separated by row-level security; the few that are not are
listed in `GLOBAL_TABLES`. States are text holding a `StrEnum` value: operators on PostgreSQL enums are not leakproof
and would lose their index under row-level security.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, MetaData, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.kit.ids import new_id

GLOBAL_TABLES = frozenset({"tenants"})
"""Tables without a tenant of their own."""


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own protocol
        datetime: DateTime(timezone=True),
        int: BigInteger(),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
    }


class TenantRow(Base):
    """A table whose rows belong to one tenant; a new row gets the tenant of its transaction."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[UUID] = mapped_column(
        ForeignKey("tenants.id"), index=True, server_default=text("current_setting('app.tenant')::uuid")
    )
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class AggregateRow(TenantRow):
    """A row whose changes others follow: `seq` counts its events and only grows under the row's lock."""

    __abstract__ = True

    seq: Mapped[int] = mapped_column(default=0, server_default="0")


def state_column(enum: type[StrEnum], **options: Any) -> Any:
    """Return a text column that holds the values of a StrEnum."""
    return mapped_column(
        Enum(enum, native_enum=False, length=40, values_callable=lambda members: [m.value for m in members]),
        **options,
    )


def currency_column(**options: Any) -> Any:
    """Return a column for an ISO 4217 code."""
    return mapped_column(String(3), **options)
