"""A receipt says everything it must, in both languages, and prints the same bytes each time."""

import io
from decimal import Decimal

from pypdf import PdfReader

from payments.receipt_pdf import render_pdf
from payments.receipt_view import DocumentView
from payments.receipt_words import WORDS, language_of
from tests.unit.payments.sessions import full_receipt


def _text(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


def test_the_german_receipt_has_every_item_the_law_asks_for() -> None:
    content = full_receipt(max_price=Decimal(30))
    text = _text(render_pdf(content, "de"))
    for expected in (
        "Rechnung",
        "R2026-000042",
        "Voltlane Demo Network GmbH",
        "DE123456789",
        "DE*VLT*E0001*1",
        "Ladepark Nord, Chausseestraße 1, 10115 Berlin",
        "20.11.2026 10:15:03 +01:00",
        "20.11.2026 11:32:03 +01:00",
        "43,217 kWh",
        "1.234,567",
        "1.277,784 kWh",
        "4.620 s",
        "0,59 €/kWh",
        "0,05 €/min",
        "34:49 min",
        "Anpassung an den Höchstpreis",
        "19 %",
        "25,21 €",
        "4,79 €",
        "30,00 €",
        "4242",
        content["session"]["id"],
        content["tariff"]["hash"],
    ):
        assert expected in text, expected


def test_the_english_receipt_differs_in_words_not_in_figures() -> None:
    text = _text(render_pdf(full_receipt(), "en-GB"))
    for expected in ("Receipt", "Charging point (EVSE ID)", "43.217 kWh", "€31.44", "Paid by card (Visa"):
        assert expected in text, expected


def test_printing_again_gives_the_same_bytes() -> None:
    content = full_receipt()
    assert render_pdf(content, "de") == render_pdf(content, "de")


def test_languages_have_the_same_words_and_others_fall_back_to_english() -> None:
    assert WORDS["de"].keys() == WORDS["en"].keys()
    assert [language_of(locale) for locale in ("de_AT", "de", "en-US", "fr")] == ["de", "de", "en", "en"]


def test_an_hourly_price_that_has_no_exact_minute_price_stays_hourly() -> None:
    content = full_receipt()
    content["lines"][2]["unit_price"] = "1"
    lines = DocumentView(content, "en").data()["lines"]
    assert [line["unit_price"] for line in lines] == ["0.59 €/kWh", "0.35 €", "1.00 €/h", "0.10 €/min"]
