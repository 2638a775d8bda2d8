"""The small parts: ids, cursors, scalars, languages, response types, origins, links, texts of failures."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from app.domain.charging.states import FailureCode
from app.domain.tariffs import describe, simple_tariff
from app.kit.errors import InvalidInputError, NotFoundError
from app.kit.ids import new_id
from app.kit.money import Money as ExactMoney
from app.kit.settings import Settings
from bff.accept import GRAPHQL_RESPONSE, JSON, response_type
from bff.errors import present
from bff.ids import global_id, row_id, split_id
from bff.locales import negotiate, text_language
from bff.money import Money
from bff.origins import origin_allowed
from bff.pagination import TimeCursor
from bff.pricing.price import exact_decimal
from bff.pricing.summary import summary
from bff.receipts.links import LINK_LIFETIME, sign, verify
from bff.scalars import SCALARS, BigInt
from bff.sessions.failures import failure_text

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@given(st.uuids(), st.sampled_from(["Session", "Evse", "Receipt"]))
def test_an_id_comes_back(row: UUID, name: str) -> None:
    text = global_id(name, row)
    assert split_id(text) == (name, row)
    assert not set(text) & set("/+"), "an id is part of a receipt's address"


@given(st.text(max_size=200))
def test_what_is_no_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFoundError):
        row_id(text, "Session", "id")


def test_an_id_of_another_type_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        row_id(global_id("Evse", new_id()), "Session", "id")


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_comes_back(moment: datetime, row: UUID) -> None:
    assert TimeCursor.decode(TimeCursor(moment, row).encode()) == TimeCursor(moment, row)


@given(st.text(min_size=1, max_size=80))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        TimeCursor.decode(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_big_integers_travel_as_strings(number: int) -> None:
    scalar = SCALARS[BigInt]
    assert scalar.serialize is not None
    assert scalar.parse_value is not None
    assert scalar.parse_value(scalar.serialize(number)) == number


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "9" * 50, "1.0", "", "-", "٣", True, None, 1.5])
def test_what_is_no_big_integer_is_refused(value: object) -> None:
    scalar = SCALARS[BigInt]
    assert scalar.parse_value is not None
    with pytest.raises(ValueError, match="64-bit"):
        scalar.parse_value(value)


@pytest.mark.parametrize("value", [0.5925, "NaN", "Infinity", "x", None, "1" * 60])
def test_what_is_no_decimal_is_refused(value: object) -> None:
    scalar = SCALARS[Decimal]
    assert scalar.parse_value is not None
    with pytest.raises(ValueError, match="Decimal"):
        scalar.parse_value(value)


def test_decimals_and_instants_are_written_exactly() -> None:
    write_decimal, write_instant = SCALARS[Decimal].serialize, SCALARS[datetime].serialize
    assert write_decimal is not None
    assert write_instant is not None
    assert write_decimal(Decimal("0.5925")) == "0.5925"
    assert write_decimal(Decimal("1E+2")) == "100"
    with pytest.raises(TypeError):
        write_decimal(0.5925)
    assert write_instant(NOW.astimezone(tz=None)) == "2026-11-20T10:00:00Z"
    with pytest.raises(ValueError, match="offset"):
        write_instant(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("exact", "shown"),
    [(Fraction(59, 100), "0.59"), (Fraction(1, 3), "0.333333"), (Fraction(0), "0"), (Fraction(-1, 2), "-0.5")],
)
def test_unit_prices_have_six_places_at_most(exact: Fraction, shown: str) -> None:
    assert str(exact_decimal(exact)) == shown


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "de"),
        ("", "de"),
        ("en-GB", "en-GB"),
        ("fr;q=0.2, en;q=0.9", "en"),
        ("*;q=1", "de"),
        ("xx-!!, en;q=0.1", "en"),
        ("en;q=0", "de"),
        ("en;q=x, de-AT;q=0.5", "de-AT"),
    ],
)
def test_the_language_is_negotiated(header: str | None, locale: str) -> None:
    assert negotiate(header, "de") == locale


def test_texts_exist_in_two_languages() -> None:
    assert [text_language(each) for each in ("de-AT", "en_GB", "fr")] == ["de", "en", "en"]
    for code in FailureCode:
        assert failure_text(code, "de") != failure_text(code, "en")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("text/html, */*;q=0.1", JSON),
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        (f"{GRAPHQL_RESPONSE};q=0.1, {JSON};q=0.2", JSON),
        (f"{GRAPHQL_RESPONSE};q=0", None),
        ("text/html", None),
    ],
)
def test_the_response_type_follows_the_weights(accept: str | None, media: str | None) -> None:
    assert response_type(accept) == media


def test_money_is_written_by_the_currencys_own_places() -> None:
    assert Money.of(ExactMoney(1234, "EUR"), "de-DE").formatted == "12,34\xa0€"
    assert Money.of(ExactMoney(1234, "JPY"), "en").formatted == "¥1,234"
    assert Money.of(ExactMoney(1234, "KWD"), "en").formatted == "KWD1.234"


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "api.example", True),
        ("https://api.example", "api.example", True),
        ("https://app.example", "api.example", True),
        ("https://APP.example:443", "api.example", True),
        ("http://app.example", "api.example", False),
        ("https://evil.example", "api.example", False),
        ("null", "api.example", False),
    ],
)
def test_origins(origin: str | None, host: str, allowed: bool) -> None:
    assert origin_allowed(origin, host, ["https://app.example"]) is allowed


def test_a_link_opens_its_document_for_its_time_only() -> None:
    settings = Settings(secret_key="x" * 40, _env_file=None)
    tenant, document = new_id(), new_id()
    token = sign(settings, tenant, document, NOW)
    link = verify(settings, token, document, NOW + LINK_LIFETIME - timedelta(seconds=1))
    assert link is not None
    assert link.tenant_id == tenant
    assert verify(settings, token, document, NOW + LINK_LIFETIME) is None
    assert verify(settings, token, new_id(), NOW) is None
    other = Settings(secret_key="y" * 40, _env_file=None)
    assert verify(other, token, document, NOW) is None
    changed = Settings(secret_key="y" * 40, previous_secret_key="x" * 40, _env_file=None)
    assert verify(changed, token, document, NOW) is not None
    tenant_text, expires, signature = token.split(".")
    assert verify(settings, f"{tenant_text}.{int(expires) + 60}.{signature}", document, NOW) is None
    assert verify(settings, f"{new_id().hex}.{expires}.{signature}", document, NOW) is None


def test_a_price_in_one_line() -> None:
    from zoneinfo import ZoneInfo

    tariff = simple_tariff(
        id="t",
        currency="EUR",
        energy_per_kwh=Decimal("0.5925"),
        idle_per_minute=Decimal("0.10"),
        idle_grace_minutes=15,
        vat_percent=Decimal(19),
    )
    views = describe(tariff, ZoneInfo("Europe/Berlin"), NOW)
    assert summary(views, "de") == "0,5925\xa0€/kWh · Blockieren 0,10\xa0€/min (nach 15 min)"
    assert summary(views, "en") == "€0.5925/kWh · blocking €0.10/min (after 15 min)"
    assert summary((), "en") == "free of charge"


@pytest.mark.parametrize("original", [ValueError("secret"), GraphQLError("secret"), OSError("secret")])
def test_what_a_resolver_raises_is_masked(original: Exception) -> None:
    (shown,) = present([GraphQLError("secret", path=["me"], original_error=original)], "request-1")
    assert "secret" not in str(shown)
    assert shown["extensions"] == {"code": "INTERNAL", "requestId": "request-1"}
