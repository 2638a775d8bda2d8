"""The bridge's own tables: answers already given, raw frames, configuration as chargers report it, commands on their
way.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import TenantRow, state_column
from app.domain.charging.tables import CommandState


class AnsweredCall(TenantRow):
    """The answer to a charger's CALL, stored with its effect: the same content again gets the same answer."""

    __tablename__ = "answered_calls"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    action: Mapped[str] = mapped_column(String(60))
    message_id: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]

    __table_args__ = (
        UniqueConstraint("charger_id", "digest"),
        Index("ix_answered_calls_tenant_created", "tenant_id", "created_at"),
    )


class RawFrame(TenantRow):
    """A frame in or out as it was on the wire, secrets redacted. Append-only, kept for a time."""

    __tablename__ = "ocpp_frames"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    incoming: Mapped[bool]
    at: Mapped[datetime]
    frame: Mapped[str]

    __table_args__ = (Index("ix_ocpp_frames_charger_at", "charger_id", "at"),)


class ChargerVariable(TenantRow):
    """A configuration key (1.6) or component variable (2.x) as the charger last reported it."""

    __tablename__ = "charger_variables"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    component: Mapped[str] = mapped_column(String(200), server_default="")
    variable: Mapped[str] = mapped_column(String(200))
    attribute: Mapped[str] = mapped_column(String(20), server_default="Actual")
    value: Mapped[str | None]
    readonly: Mapped[bool | None]
    wanted: Mapped[str | None]
    refusal: Mapped[str | None] = mapped_column(String(60))
    reported_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("charger_id", "component", "variable", "attribute"),)


class CommandRelay(TenantRow):
    """A command on its way to the process that owns the charger's socket; deleted when its sender has the outcome."""

    __tablename__ = "ocpp_command_relays"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    node: Mapped[str]
    action: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    timeout_seconds: Mapped[int]
    state: Mapped[CommandState] = state_column(CommandState)
    outcome: Mapped[dict[str, Any] | None]
