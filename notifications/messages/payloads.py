"""What each push message tells, as typed values without any words.

A payload is stored as JSON with its notification and read back when it is sent, so a field is only ever
added, with a default. Money is integer minor units with a currency, energy Wh, time aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from app.kit.money import Money


class BadPayloadError(ValueError):
    """A payload does not fit its kind: always a programming error."""


class MessageKind(StrEnum):
    """The events a driver is told of; also the key of a preference and of the texts in the catalogues."""

    CHARGING_STARTED = "CHARGING_STARTED"
    CHARGING_ENDED = "CHARGING_ENDED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    PAYMENT_ACTION_REQUIRED = "PAYMENT_ACTION_REQUIRED"
    RESERVATION_EXPIRING = "RESERVATION_EXPIRING"
    RESERVATION_ENDED = "RESERVATION_ENDED"
    CHARGER_FAULT = "CHARGER_FAULT"
    STOP_PENDING = "STOP_PENDING"


@dataclass(frozen=True, slots=True)
class ChargingStarted:
    """Energy is authorised and billing has begun."""

    session_id: UUID
    location_name: str
    evse_code: str


@dataclass(frozen=True, slots=True)
class ChargingEnded:
    """The session is final: energy, cost with VAT, and the receipt's number where one was issued."""

    session_id: UUID
    location_name: str
    energy_wh: int
    cost: Money
    receipt_number: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """The card was declined; the amount is what could not be held or captured."""

    session_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentActionRequired:
    """The bank wants the driver to confirm the payment, where known before a time, so that the charge can start."""

    session_id: UUID
    amount: Money
    confirm_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReservationExpiring:
    """The reservation is about to expire; the time is told in the location's time zone (IANA name)."""

    reservation_id: UUID
    location_name: str
    expires_at: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class ReservationEnded:
    """The reservation is over without a charge."""

    reservation_id: UUID
    location_name: str


@dataclass(frozen=True, slots=True)
class ChargerFault:
    """The charger reported a fault during the driver's session; the code is the charger's own."""

    session_id: UUID
    location_name: str
    evse_code: str
    error_code: str


@dataclass(frozen=True, slots=True)
class StopPending:
    """The driver's stop waits for a charger that is offline."""

    session_id: UUID
    location_name: str


Payload = (
    ChargingStarted
    | ChargingEnded
    | PaymentFailed
    | PaymentActionRequired
    | ReservationExpiring
    | ReservationEnded
    | ChargerFault
    | StopPending
)

PAYLOAD_TYPES: dict[MessageKind, type[Payload]] = {
    MessageKind.CHARGING_STARTED: ChargingStarted,
    MessageKind.CHARGING_ENDED: ChargingEnded,
    MessageKind.PAYMENT_FAILED: PaymentFailed,
    MessageKind.PAYMENT_ACTION_REQUIRED: PaymentActionRequired,
    MessageKind.RESERVATION_EXPIRING: ReservationExpiring,
    MessageKind.RESERVATION_ENDED: ReservationEnded,
    MessageKind.CHARGER_FAULT: ChargerFault,
    MessageKind.STOP_PENDING: StopPending,
}
_KINDS: dict[type[Payload], MessageKind] = {payload: kind for kind, payload in PAYLOAD_TYPES.items()}


def kind_of(payload: Payload) -> MessageKind:
    """Return the kind a payload belongs to."""
    return _KINDS[type(payload)]


def payload_to_json(payload: Payload) -> dict[str, Any]:
    """Return a payload as JSON values: ids and times as text, money as minor units and currency."""
    as_json: dict[str, Any] = msgspec.to_builtins(payload)
    return as_json


def payload_from_json(kind: MessageKind, values: dict[str, Any]) -> Payload:
    """Return the typed payload of a kind; values may be Python objects or their JSON form.

    Raises BadPayloadError naming the field that is missing or of the wrong type.
    """
    try:
        payload: Payload = msgspec.convert(values, PAYLOAD_TYPES[kind])
    except msgspec.ValidationError as error:
        raise BadPayloadError(f"payload of {kind}: {error}") from error
    return payload
