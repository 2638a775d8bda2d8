"""Reservations of an EVSE. An exclusion constraint makes two that overlap impossible."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, String, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import AggregateRow, Base, state_column

reservation_numbers = Sequence("ocpp_reservation_numbers", start=1001, maxvalue=2**31 - 1, metadata=Base.metadata)
"""OCPP reservation ids: never 0, never reused."""


class ReservationState(StrEnum):
    """Where a reservation stands. PENDING until the charger answered; CONSUMED by the driver's own start."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    CONSUMED = "CONSUMED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


HOLDING = frozenset({ReservationState.PENDING, ReservationState.ACTIVE})
"""The reservation keeps its EVSE for the driver."""


class Reservation(AggregateRow):
    """A driver's hold on an EVSE until `expires_at`."""

    __tablename__ = "reservations"

    driver_id: Mapped[UUID] = mapped_column(ForeignKey("drivers.id"), index=True)
    evse_id: Mapped[UUID] = mapped_column(ForeignKey("evses.id"), index=True)
    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    state: Mapped[ReservationState] = state_column(ReservationState)
    ocpp_reservation_id: Mapped[int] = mapped_column(server_default=reservation_numbers.next_value())
    id_token: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    rejection: Mapped[str | None] = mapped_column(String(60))
    reminder_sent_at: Mapped[datetime | None]
    charger_cleared_at: Mapped[datetime | None]

    __table_args__ = (
        ExcludeConstraint(
            ("evse_id", "="),
            (func.tstzrange(text("starts_at"), text("expires_at")), "&&"),
            where=text("state in ('PENDING', 'ACTIVE')"),
            using="gist",
            name="ex_reservations_overlap",
        ),
        CheckConstraint("expires_at > starts_at", name="ends_after_start"),
        Index("ix_reservations_state_expires", "state", "expires_at"),
    )
