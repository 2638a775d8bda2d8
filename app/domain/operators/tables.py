"""Operators: the people who run a brand's network."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import TenantRow, state_column


class OperatorRole(StrEnum):
    """What an operator may do, from most to least."""

    OWNER = "OWNER"
    MANAGER = "MANAGER"
    SUPPORT = "SUPPORT"
    READ_ONLY = "READ_ONLY"


class Operator(TenantRow):
    """A person with a role. E-mail is kept in lower case and unique within the tenant."""

    __tablename__ = "operators"

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[OperatorRole] = state_column(OperatorRole)
    disabled_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("tenant_id", "email"),)
