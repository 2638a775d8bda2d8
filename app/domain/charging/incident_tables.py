"""What needs an operator's eye: incidents, and the chargers' messages that could not be applied."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import TenantRow, state_column


class IncidentKind(StrEnum):
    """What needs an operator's eye."""

    UNKNOWN_STOP = "UNKNOWN_STOP"
    UNKNOWN_TRANSACTION = "UNKNOWN_TRANSACTION"
    IMPLAUSIBLE_METER = "IMPLAUSIBLE_METER"
    METER_FELL = "METER_FELL"
    STOP_LOST = "STOP_LOST"
    LATE_START = "LATE_START"
    SEQUENCE_GAP = "SEQUENCE_GAP"
    CLOCK_DRIFT = "CLOCK_DRIFT"
    PAYMENT_MISMATCH = "PAYMENT_MISMATCH"
    PAYMENT_EXPIRED = "PAYMENT_EXPIRED"
    PAYMENT_DISPUTED = "PAYMENT_DISPUTED"
    WRITTEN_OFF = "WRITTEN_OFF"
    CHARGER_FAULT = "CHARGER_FAULT"
    UNUSABLE_MESSAGE = "UNUSABLE_MESSAGE"


class Incident(TenantRow):
    """Something that must not be decided by the program alone; open until an operator resolves it."""

    __tablename__ = "incidents"

    kind: Mapped[IncidentKind] = state_column(IncidentKind)
    charger_id: Mapped[UUID | None] = mapped_column(ForeignKey("chargers.id"), index=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("charging_sessions.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    resolution: Mapped[str | None]

    __table_args__ = (UniqueConstraint("tenant_id", "dedupe_key"),)


class QuarantinedMessage(TenantRow):
    """A charger's message that was acknowledged but could not be applied: kept whole, never billed automatically."""

    __tablename__ = "quarantined_messages"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    reason: Mapped[str]
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("charger_id", "digest"),)
