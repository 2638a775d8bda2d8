"""A push message's title and body in the reader's language, from a typed payload.

The placeholders a text may use are exactly the values given here for its kind; a test holds the catalogues
to it.
"""

from dataclasses import dataclass

from notifications.messages.catalogue import language_of, text
from notifications.messages.formats import format_energy, format_local_time, format_money
from notifications.messages.payloads import (
    ChargerFault,
    ChargingEnded,
    ChargingStarted,
    Payload,
    PaymentActionRequired,
    PaymentFailed,
    ReservationEnded,
    ReservationExpiring,
    StopPending,
    kind_of,
)


@dataclass(frozen=True, slots=True)
class PushText:
    """What the phone shows."""

    title: str
    body: str


def render_push(payload: Payload, locale: str | None) -> PushText:
    """Return the texts of a payload for a reader of a locale ("de-DE"); English for an unknown language."""
    language = language_of(locale)
    values = placeholder_values(payload, language)
    title_id, body_id = text_ids(payload)
    return PushText(title=text(language, title_id, **values), body=text(language, body_id, **values))


def text_ids(payload: Payload) -> tuple[str, str]:
    """Return the catalogue ids of a payload's title and body."""
    stem = f"push.{kind_of(payload).lower()}"
    without_receipt = isinstance(payload, ChargingEnded) and payload.receipt_number is None
    return f"{stem}.title", f"{stem}.body_without_receipt" if without_receipt else f"{stem}.body"


def placeholder_values(payload: Payload, language: str) -> dict[str, str]:
    """Return the formatted values a payload offers to the texts of its kind."""
    match payload:
        case ChargingEnded():
            ended = {
                "location": payload.location_name,
                "energy": format_energy(payload.energy_wh, language),
                "cost": format_money(payload.cost, language),
            }
            return ended if payload.receipt_number is None else {**ended, "receipt": payload.receipt_number}
        case PaymentFailed() | PaymentActionRequired():
            return {"amount": format_money(payload.amount, language)}
        case ReservationExpiring():
            time = format_local_time(payload.expires_at, payload.time_zone, language)
            return {"location": payload.location_name, "time": time}
        case ChargerFault():
            return {
                "location": payload.location_name,
                "evse": payload.evse_code,
                "error": payload.error_code,
            }
        case ChargingStarted():
            return {"location": payload.location_name, "evse": payload.evse_code}
        case ReservationEnded() | StopPending():
            return {"location": payload.location_name}
