"""Locations, EVSEs, connectors and chargers.

A location comes from a register or an operator. An EVSE is where one car charges at a time; a connected charger
serves it under its own number. In OCPP 1.6 a connector id is an EVSE with one connector.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.db.base import AggregateRow, TenantRow, state_column
from app.domain.stations.states import (
    AccessType,
    ConnectorFormat,
    ConnectorStandard,
    EvseStatus,
    OcppVersion,
    PowerType,
    RegistrationStatus,
)


class Cube(UserDefinedType[str]):
    """PostgreSQL's `cube`: here a point on the unit sphere, as text `(x, y, z)`."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the type's name in DDL."""
        return "CUBE"


class Location(TenantRow):
    """A charging site."""

    __tablename__ = "locations"

    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str]
    operator_name: Mapped[str | None]
    address: Mapped[str | None]
    city: Mapped[str | None]
    postal_code: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    latitude: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    position: Mapped[str] = mapped_column(Cube())
    time_zone: Mapped[str] = mapped_column(String(60))
    access: Mapped[AccessType | None] = state_column(AccessType)
    opening_hours: Mapped[dict[str, Any] | None]
    photos: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    amenities: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    directions: Mapped[str | None]
    max_power_w: Mapped[int | None]
    tariff_id: Mapped[UUID | None] = mapped_column(ForeignKey("tariffs.id"))
    search_text: Mapped[str] = mapped_column(server_default="")
    published: Mapped[bool] = mapped_column(server_default=text("true"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        UniqueConstraint("tenant_id", "source", "source_id"),
        Index("ix_locations_position", "position", postgresql_using="gist"),
        Index(
            "ix_locations_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )


class Charger(AggregateRow):
    """A charging station that speaks OCPP, known by its identity within the tenant."""

    __tablename__ = "chargers"

    identity: Mapped[str] = mapped_column(String(48))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"), index=True)
    password_hash: Mapped[str | None]
    security_profile: Mapped[int] = mapped_column(server_default="1")
    allow_missing_subprotocol: Mapped[bool] = mapped_column(server_default=text("false"))
    registration: Mapped[RegistrationStatus] = state_column(
        RegistrationStatus, server_default=RegistrationStatus.ACCEPTED.value
    )
    ocpp_version: Mapped[OcppVersion | None] = state_column(OcppVersion)
    vendor: Mapped[str | None]
    model: Mapped[str | None]
    serial_number: Mapped[str | None]
    firmware_version: Mapped[str | None]
    connected: Mapped[bool] = mapped_column(server_default=text("false"))
    generation: Mapped[int] = mapped_column(server_default="0")
    node: Mapped[str | None]
    connected_at: Mapped[datetime | None]
    disconnected_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    booted_at: Mapped[datetime | None]
    clock_skew_seconds: Mapped[int | None]
    operative: Mapped[bool] = mapped_column(server_default=text("true"))
    fault_code: Mapped[str | None]
    violations: Mapped[int] = mapped_column(server_default="0")
    last_violation: Mapped[str | None]

    __table_args__ = (UniqueConstraint("tenant_id", "identity"),)


class Evse(AggregateRow):
    """An independently operated part of a charger that serves one car at a time."""

    __tablename__ = "evses"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"), index=True)
    source_uid: Mapped[str] = mapped_column(String(120))
    evse_code: Mapped[str | None] = mapped_column(String(60))
    code_normalized: Mapped[str | None] = mapped_column(String(60))
    physical_reference: Mapped[str | None] = mapped_column(String(60))
    charger_id: Mapped[UUID | None] = mapped_column(ForeignKey("chargers.id"), index=True)
    ocpp_evse_no: Mapped[int | None]
    status: Mapped[EvseStatus] = state_column(EvseStatus, server_default=EvseStatus.UNKNOWN.value)
    ocpp_status: Mapped[str | None] = mapped_column(String(40))
    status_at: Mapped[datetime | None]
    fault_code: Mapped[str | None]
    last_seen_at: Mapped[datetime | None]
    operative: Mapped[bool] = mapped_column(server_default=text("true"))
    max_power_w: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("location_id", "source_uid"),
        UniqueConstraint("charger_id", "ocpp_evse_no"),
        UniqueConstraint("tenant_id", "code_normalized"),
        Index("ix_evses_tenant_status", "tenant_id", "status"),
    )


class Connector(TenantRow):
    """A socket or cable of an EVSE. What the register does not name stays null."""

    __tablename__ = "connectors"

    evse_id: Mapped[UUID] = mapped_column(ForeignKey("evses.id"), index=True)
    number: Mapped[int]
    standard: Mapped[ConnectorStandard | None] = state_column(ConnectorStandard)
    format: Mapped[ConnectorFormat | None] = state_column(ConnectorFormat)
    power_type: Mapped[PowerType | None] = state_column(PowerType)
    max_power_w: Mapped[int | None]
    tariff_id: Mapped[UUID | None] = mapped_column(ForeignKey("tariffs.id"))

    __table_args__ = (UniqueConstraint("evse_id", "number"),)
