"""The exact words, amounts and times a driver reads on the phone."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.kit.money import Money
from notifications.messages.formats import format_energy, format_money
from notifications.messages.payloads import (
    BadPayloadError,
    ChargingEnded,
    MessageKind,
    Payload,
    ReservationExpiring,
    payload_from_json,
    payload_to_json,
)
from notifications.messages.push import PushText, render_push
from tests.unit.notifications.test_catalogues import SAMPLES

ID = UUID(int=7)
ENDED = ChargingEnded(ID, "Rasthof {Nord}", 12345, Money(123456, "EUR"), "R-2026-7")
EXPIRING = ReservationExpiring(ID, "Kassel", datetime(2026, 1, 10, 13, 35, tzinfo=UTC), "Europe/Berlin")


@pytest.mark.parametrize(
    ("payload", "locale", "shown"),
    [
        (ENDED, "de-DE", PushText("Ladevorgang beendet",
            "12,35\xa0kWh an Rasthof {Nord} für 1.234,56\xa0€. Beleg R-2026-7 ist in der App.")),
        (ENDED, "en", PushText("Charging ended",
            "12.35\xa0kWh at Rasthof {Nord} for €1,234.56. Receipt R-2026-7 is in the app.")),
        (ChargingEnded(ID, "Kassel", 0, Money(0, "EUR")), "de",
            PushText("Ladevorgang beendet", "0,00\xa0kWh an Kassel für 0,00\xa0€.")),
        (EXPIRING, "de", PushText("Reservierung läuft bald ab",
            "Ihr Ladepunkt an Kassel ist noch bis 14:35 Uhr reserviert.")),
        (EXPIRING, "en", PushText("Reservation about to expire",
            "Your charge point at Kassel is reserved until 2:35\u202fPM.")),
    ],
)  # fmt: skip
def test_push_text(payload: Payload, locale: str, shown: PushText) -> None:
    assert render_push(payload, locale) == shown


def test_amounts_without_cents_and_large_energy() -> None:
    assert format_money(Money(1500, "JPY"), "de") == "1.500\xa0¥"
    assert format_energy(1_234_565, "de") == "1.234,57\xa0kWh"
    assert format_energy(4, "en") == "0.00\xa0kWh"
    assert format_energy(5, "en") == "0.01\xa0kWh"


@pytest.mark.parametrize("payload", SAMPLES, ids=lambda payload: type(payload).__name__)
def test_payload_survives_its_json_form(payload: Payload) -> None:
    name = type(payload).__name__.lower()
    kind = next(kind for kind in MessageKind if kind.lower().replace("_", "") == name)
    as_json = payload_to_json(payload)
    assert payload_from_json(kind, as_json) == payload
    assert json.loads(json.dumps(as_json)) == as_json


def test_bad_payload_is_refused_with_the_field() -> None:
    cost = {"minor": 1, "currency": "EUR"}
    values = {"session_id": ID, "location_name": "x", "energy_wh": 1.5, "cost": cost}
    with pytest.raises(BadPayloadError, match=r"CHARGING_ENDED: .*energy_wh"):
        payload_from_json(MessageKind.CHARGING_ENDED, values)
