"""Charging sessions with their phases, meter readings and final ratings, and the commands to chargers."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Sequence, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import AggregateRow, Base, TenantRow, currency_column, state_column
from app.domain.charging.incident_tables import Incident, IncidentKind, QuarantinedMessage
from app.domain.charging.states import (
    LIVE,
    Authorization,
    ChargingState,
    FailureCode,
    SessionState,
    StartMethod,
    StopReason,
)

__all__ = [
    "ChargerCommand",
    "ChargingSession",
    "CommandState",
    "Incident",
    "IncidentKind",
    "MeterReading",
    "QuarantinedMessage",
    "SessionPhase",
    "SessionRating",
    "UnboundTransaction",
    "transaction_numbers",
]

transaction_numbers = Sequence("ocpp_transaction_numbers", start=100001, maxvalue=2**31 - 1, metadata=Base.metadata)
"""OCPP 1.6 transaction ids and 2.x remoteStartIds: never 0, never reused."""

_LIVE_STATES = ", ".join(f"'{state.value}'" for state in sorted(LIVE))


class ChargingSession(AggregateRow):
    """One driver's charge at one EVSE, from the request to the bill. Energy in Wh, power in W, money in minor units."""

    __tablename__ = "charging_sessions"

    state: Mapped[SessionState] = state_column(SessionState)
    start_method: Mapped[StartMethod] = state_column(StartMethod)
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("drivers.id"), index=True)
    id_token_id: Mapped[UUID | None] = mapped_column(ForeignKey("id_tokens.id"))
    charger_id: Mapped[UUID | None] = mapped_column(ForeignKey("chargers.id"), index=True)
    evse_id: Mapped[UUID | None] = mapped_column(ForeignKey("evses.id"), index=True)
    connector_id: Mapped[UUID | None] = mapped_column(ForeignKey("connectors.id"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"))
    reservation_id: Mapped[UUID | None] = mapped_column(ForeignKey("reservations.id"))
    historical: Mapped[bool] = mapped_column(server_default=text("false"), default=False)

    time_zone: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = currency_column()
    tariff_snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("tariff_snapshots.id"))
    free_of_charge: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    hold_minor: Mapped[int | None]

    # How the charger's start finds this session: a one-time id tag (1.6), a remote start id (2.x), the transaction id.
    start_token: Mapped[str | None] = mapped_column(String(36))
    remote_start_id: Mapped[int | None]
    ocpp_transaction_id: Mapped[str | None] = mapped_column(String(40))
    start_key: Mapped[str | None] = mapped_column(String(64))
    payment_method_id: Mapped[UUID | None]

    max_energy_wh: Mapped[int | None]
    max_cost_minor: Mapped[int | None]
    max_duration_seconds: Mapped[int | None]
    max_soc: Mapped[int | None]

    deadline_at: Mapped[datetime | None]
    start_sent_at: Mapped[datetime | None]
    transaction_started_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    energy_ended_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    authorisation_ended_at: Mapped[datetime | None]
    stop_requested_at: Mapped[datetime | None]
    stop_requested_reason: Mapped[StopReason | None] = state_column(StopReason)
    stop_reason: Mapped[StopReason | None] = state_column(StopReason)
    failure: Mapped[FailureCode | None] = state_column(FailureCode)
    failure_detail: Mapped[str | None]

    charging_state: Mapped[ChargingState | None] = state_column(ChargingState)
    meter_start_wh: Mapped[int | None]
    meter_last_wh: Mapped[int | None]
    meter_last_at: Mapped[datetime | None]
    meter_stop_wh: Mapped[int | None]
    energy_wh: Mapped[int] = mapped_column(server_default="0", default=0)
    energy_estimated: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    power_w: Mapped[int | None]
    soc_percent: Mapped[int | None]
    last_reading_at: Mapped[datetime | None]
    cost_net_minor: Mapped[int | None]
    cost_gross_minor: Mapped[int | None]
    suspect: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    suspect_reason: Mapped[str | None]
    refused_as: Mapped[Authorization | None] = state_column(Authorization)
    cost_rated_at: Mapped[datetime | None]
    last_heard_at: Mapped[datetime | None]
    last_seq_no: Mapped[int | None]
    seq_no_gap: Mapped[bool] = mapped_column(server_default=text("false"), default=False)

    __table_args__ = (
        Index(
            "uq_charging_sessions_live_evse",
            "evse_id",
            unique=True,
            postgresql_where=text(f"state in ({_LIVE_STATES}) and not historical"),
        ),
        UniqueConstraint("charger_id", "ocpp_transaction_id"),
        UniqueConstraint("charger_id", "start_key"),
        Index("ix_charging_sessions_start_token", "charger_id", "start_token"),
        Index("ix_charging_sessions_remote_start", "charger_id", "remote_start_id"),
        Index("ix_charging_sessions_state_deadline", "state", "deadline_at"),
        Index("ix_charging_sessions_driver_created", "driver_id", "created_at"),
        CheckConstraint("energy_wh >= 0", name="energy_not_negative"),
    )


class UnboundTransaction(TenantRow):
    """A 2.x transaction that opened before anyone was authorised (cable first): where it runs, until a token comes."""

    __tablename__ = "unbound_transactions"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    transaction_id: Mapped[str] = mapped_column(String(40))
    evse_no: Mapped[int | None]
    connector_no: Mapped[int | None]
    opened_at: Mapped[datetime]
    register_wh: Mapped[int | None]

    __table_args__ = (UniqueConstraint("charger_id", "transaction_id"),)


class SessionPhase(TenantRow):
    """From when a session's energy was in which charging state: what idle fees are computed from."""

    __tablename__ = "session_phases"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("charging_sessions.id"), index=True)
    charging_state: Mapped[ChargingState] = state_column(ChargingState)
    began_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("session_id", "began_at", "charging_state"),)


class MeterReading(TenantRow):
    """One meter value as received: the samples verbatim, and the figures we bill by. Append-only.

    `register_wh` is the charger's import register; `energy_wh` the session's energy at this reading (segments summed).
    """

    __tablename__ = "meter_readings"

    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("charging_sessions.id"))
    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"))
    transaction_id: Mapped[str | None] = mapped_column(String(40))
    evse_no: Mapped[int | None]
    taken_at: Mapped[datetime]
    raw_timestamp: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime]
    context: Mapped[str | None] = mapped_column(String(40))
    register_wh: Mapped[int | None]
    energy_wh: Mapped[int | None]
    power_w: Mapped[int | None]
    soc_percent: Mapped[int | None]
    suspect_reason: Mapped[str | None]
    samples: Mapped[list[Any]]
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index("uq_meter_readings_content", "charger_id", "taken_at", "digest", unique=True),
        Index("ix_meter_readings_session_taken", "session_id", "taken_at"),
    )


class CommandState(StrEnum):
    """What became of a command to a charger."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    TIMED_OUT = "TIMED_OUT"
    OFFLINE = "OFFLINE"
    FAILED = "FAILED"


class ChargerCommand(TenantRow):
    """A command to a charger: who asked, what was sent, what came back."""

    __tablename__ = "charger_commands"

    charger_id: Mapped[UUID] = mapped_column(ForeignKey("chargers.id"), index=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("charging_sessions.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    requested_by: Mapped[str]
    state: Mapped[CommandState] = state_column(CommandState)
    answer: Mapped[dict[str, Any] | None]
    detail: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class SessionRating(TenantRow):
    """The final price: the rating engine's exact result as JSON, one a session (amended only before billing)."""

    __tablename__ = "session_ratings"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("charging_sessions.id"), unique=True)
    net_minor: Mapped[int]
    vat_minor: Mapped[int]
    gross_minor: Mapped[int]
    currency: Mapped[str] = currency_column()
    exact_gross: Mapped[Decimal | None] = mapped_column(Numeric(30, 15))
    detail: Mapped[dict[str, Any]]
