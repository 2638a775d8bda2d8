"""Cleaning of texts, numbers and coordinates."""

from decimal import Decimal

import pytest

from app.domain.stations.importing.coordinates import Place, locate
from app.domain.stations.importing.model import BadValueError
from app.domain.stations.importing.text import clean, parse_flag, parse_number, repair_encoding
from app.domain.stations.normalise import normalise_evse_code, normalise_search_text


@pytest.mark.parametrize("text", [None, "", "  ", "None", "NULL", "nan", "-", "\u00a0"])
def test_null_like_words_are_null(text: str | None) -> None:
    assert clean(text) is None


def test_whitespace_is_one_space() -> None:
    assert clean(" Rue\u00a0du \r\n8\u2028mai ") == "Rue du 8 mai"


@pytest.mark.parametrize("text", ["Château de Saiguède", "Äppelallee", "Straße", "L’Œuvre", "Élan", "5 € à côté"])
def test_utf_8_read_as_windows_1252_is_repaired(text: str) -> None:
    # The five bytes that Windows-1252 leaves undefined come through as C1 controls.
    misread = "".join(
        bytes([byte]).decode("latin-1" if byte in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252")
        for byte in text.encode()
    )
    assert misread != text
    assert repair_encoding(misread) == text


@pytest.mark.parametrize("text", ["PLACE DU CHÂTEAU", "ÀÂÉ", "Zürich", "Ã¨ and ü"])
def test_sound_text_stays(text: str) -> None:
    assert repair_encoding(text) == text


@pytest.mark.parametrize(("text", "number"), [("22", "22"), ("22.0", "22.0"), (" 11,04 ", "11.04"), ("-0.5", "-0.5")])
def test_numbers(text: str, number: str) -> None:
    assert parse_number(text, "f") == Decimal(number)


@pytest.mark.parametrize("text", ["22 kW", "1e9", "NaN" * 2, "1,2,3", "inf", "0x10", "٣"])
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(BadValueError) as caught:
        parse_number(text, "power")
    assert caught.value.field == "power"


def test_flags() -> None:
    assert [parse_flag(t) for t in ("TRUE", "1", "Oui")] == [True] * 3
    assert [parse_flag(t) for t in ("false", "0", "NON")] == [False] * 3
    assert [parse_flag(t) for t in ("", None, "?")] == [None] * 3


def _locate(latitude: str, longitude: str, country: str) -> Place:
    return locate(Decimal(latitude), Decimal(longitude), country, "xy")


def test_a_point_inside_stays() -> None:
    place = _locate("52.5", "13.4", "DE")
    assert (place.latitude, place.longitude, place.exchanged) == (Decimal("52.5"), Decimal("13.4"), False)


def test_an_exchanged_pair_is_put_right() -> None:
    place = _locate("13.4", "52.5", "DE")
    assert (place.latitude, place.longitude, place.exchanged) == (Decimal("52.5"), Decimal("13.4"), True)


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        ("48.85", "2.35", "Europe/Paris"),
        ("-20.949", "55.315", "Indian/Reunion"),
        ("16.2546", "-61.5153", "America/Guadeloupe"),
    ],
)
def test_france_is_wherever_france_is(latitude: str, longitude: str, zone: str) -> None:
    assert _locate(latitude, longitude, "FR").time_zone == zone


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "reason"),
    [
        ("0.0000", "0", "FR", "0, 0"),
        ("3.8419", "4.6496", "FR", "outside FR"),
        ("48.85", "2.35", "DE", "outside DE"),
        ("91", "10", "SE", "globe"),
    ],
)
def test_a_point_elsewhere_is_refused(latitude: str, longitude: str, country: str, reason: str) -> None:
    with pytest.raises(BadValueError, match=reason):
        _locate(latitude, longitude, country)


def test_no_coordinates_are_refused() -> None:
    with pytest.raises(BadValueError, match="no coordinates"):
        locate(None, Decimal(1), "DE", "xy")


def test_evse_codes_meet_without_case_and_separators() -> None:
    assert {normalise_evse_code(c) for c in ("DE*ABC*E100*1", "de-abc-e100-1", " DEABCE1001 ")} == {"DEABCE1001"}


def test_search_text_has_no_case_and_no_accents() -> None:
    assert normalise_search_text("Königstraße 5", None, "ÉPINAY  sur-Seine") == "konigstrasse 5 epinay sur-seine"
