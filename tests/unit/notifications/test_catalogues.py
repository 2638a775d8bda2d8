"""Both languages define every text, and every text uses exactly the values its message offers."""

from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import get_args
from uuid import UUID

import pytest

from app.kit.money import Money
from notifications.messages.catalogue import LANGUAGES, MissingTextError, language_of, load_catalogue, text
from notifications.messages.emails import AccountLink, EmailKind, email_values
from notifications.messages.payloads import (
    PAYLOAD_TYPES,
    ChargerFault,
    ChargingEnded,
    ChargingStarted,
    MessageKind,
    Payload,
    PaymentActionRequired,
    PaymentFailed,
    ReservationEnded,
    ReservationExpiring,
    StopPending,
    kind_of,
)
from notifications.messages.push import placeholder_values, text_ids

ID = UUID(int=7)
NOON = datetime(2026, 7, 1, 12, 35, tzinfo=UTC)
EUROS = Money(1234, "EUR")
SAMPLES: list[Payload] = [
    ChargingStarted(ID, "Rasthof Nord", "DE*VLT*E1"),
    ChargingEnded(ID, "Rasthof Nord", 12340, EUROS, "R-1"),
    ChargingEnded(ID, "Rasthof Nord", 12340, EUROS),
    PaymentFailed(ID, EUROS),
    PaymentActionRequired(ID, EUROS),
    ReservationExpiring(ID, "Rasthof Nord", NOON, "Europe/Berlin"),
    ReservationEnded(ID, "Rasthof Nord"),
    ChargerFault(ID, "Rasthof Nord", "DE*VLT*E1", "GroundFailure"),
    StopPending(ID, "Rasthof Nord"),
]
EMAIL_PARTS = ("subject", "intro", "action", "validity", "outro")
EMAIL_IDS = {f"email.{kind.lower()}.{part}" for kind in EmailKind for part in EMAIL_PARTS}
PUSH_IDS = {text_id for payload in SAMPLES for text_id in text_ids(payload)}


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def catalogue_texts(language: str) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in load_catalogue(language) if message.id}


def test_samples_cover_every_kind_and_payload_type() -> None:
    assert {kind_of(payload) for payload in SAMPLES} == set(MessageKind)
    assert set(PAYLOAD_TYPES.values()) == set(get_args(Payload))


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_defines_exactly_the_texts_in_use(language: str) -> None:
    texts = catalogue_texts(language)
    assert set(texts) == PUSH_IDS | EMAIL_IDS
    assert [text_id for text_id, translated in texts.items() if not translated] == []
    assert [message.id for message in load_catalogue(language) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("payload", SAMPLES, ids=lambda payload: type(payload).__name__)
def test_push_body_uses_every_value_and_no_other(language: str, payload: Payload) -> None:
    title_id, body_id = text_ids(payload)
    texts = catalogue_texts(language)
    assert fields_of(texts[title_id]) == set()
    assert fields_of(texts[body_id]) == set(placeholder_values(payload, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EmailKind)
def test_email_uses_every_value_and_no_other(language: str, kind: EmailKind) -> None:
    texts = catalogue_texts(language)
    used = set().union(*(fields_of(texts[f"email.{kind.lower()}.{part}"]) for part in EMAIL_PARTS))
    assert used == set(email_values(AccountLink("Brand", "https://x", timedelta(hours=1)), language))


def test_languages_are_really_different() -> None:
    german, english = (catalogue_texts(language) for language in LANGUAGES)
    assert [text_id for text_id in german if german[text_id] == english[text_id]] == []


def test_an_unknown_id_is_an_error_not_a_text() -> None:
    with pytest.raises(MissingTextError, match=r"no de text for 'push\.nothing'"):
        text("de", "push.nothing")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"), ("de-AT", "de"), ("de_CH", "de"), ("en-GB", "en"), ("fr-FR", "en"),
        ("", "en"), (None, "en"), ("not a locale", "en"), ("zz", "en"), ("zh-Hans-CN", "en"),
    ],
)  # fmt: skip
def test_language_of_a_locale(locale: str | None, language: str) -> None:
    assert language_of(locale) == language
