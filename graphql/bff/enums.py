"""The domain's enums as the API shows them: registered once, under their own names, before any type uses them."""

import inspect
from enum import Enum
from typing import Any

import strawberry

from app.domain.charging.states import ChargingState, FailureCode, SessionState, StartMethod, StopReason
from app.domain.drivers.tables import DriverKind
from app.domain.reservations.tables import ReservationState
from app.domain.stations.states import AccessType, ConnectorFormat, ConnectorStandard, EvseStatus, PowerType
from app.domain.tariffs import PriceKind, PriceUnit
from notifications.messages.payloads import MessageKind
from notifications.tables import Platform
from payments.tables import DebtState, PaymentState


def register(*enums: type[Enum], name: str | None = None) -> None:
    """Make enums part of the API, described by their docstrings."""
    for enum in enums:
        described: Any = strawberry.enum(enum, name=name, description=inspect.getdoc(enum))
        assert described is enum


register(
    AccessType,
    ChargingState,
    ConnectorFormat,
    ConnectorStandard,
    DebtState,
    DriverKind,
    EvseStatus,
    FailureCode,
    PaymentState,
    Platform,
    PowerType,
    PriceKind,
    PriceUnit,
    ReservationState,
    SessionState,
    StartMethod,
    StopReason,
)
register(MessageKind, name="NotificationKind")
