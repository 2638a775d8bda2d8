"""A tariff in one line: what a driver reads before the start, gross where the tax is known."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_currency

from app.domain.tariffs import PriceComponentView, PriceKind, PriceUnit
from app.kit.money import minor_unit_exponent

_UNITS: dict[str, dict[str, str]] = {
    "de": {PriceUnit.KWH: "/kWh", PriceUnit.MINUTE: "/min", PriceUnit.SESSION: " je Ladevorgang"},
    "en": {PriceUnit.KWH: "/kWh", PriceUnit.MINUTE: "/min", PriceUnit.SESSION: " per session"},
}
_PHRASES: dict[str, dict[str, str]] = {
    "de": {
        PriceKind.IDLE: "Blockieren {price}",
        PriceKind.RESERVATION_TIME: "Reservierung {price}",
        PriceKind.RESERVATION_FLAT: "Reservierung {price}",
        PriceKind.MIN_PRICE: "mindestens {price}",
        PriceKind.MAX_PRICE: "höchstens {price}",
        "grace": " (nach {minutes} min)",
        "from": " (ab Minute {minutes})",
        "net": " zzgl. USt.",
        "free": "kostenlos",
    },
    "en": {
        PriceKind.IDLE: "blocking {price}",
        PriceKind.RESERVATION_TIME: "reservation {price}",
        PriceKind.RESERVATION_FLAT: "reservation {price}",
        PriceKind.MIN_PRICE: "at least {price}",
        PriceKind.MAX_PRICE: "at most {price}",
        "grace": " (after {minutes} min)",
        "from": " (from minute {minutes})",
        "net": " plus VAT",
        "free": "free of charge",
    },
}
_LIMITS = (PriceKind.MIN_PRICE, PriceKind.MAX_PRICE)
_MAX_PLACES = 4
_FINE = {"de": "#,##0.00##\xa0¤", "en": "¤#,##0.00##"}


def summary(views: Iterable[PriceComponentView], language: str) -> str:
    """Return the prices of a described tariff in one line of German ("de") or English ("en")."""
    parts = [_part(view, language) for view in views if view.gross or view.net]
    return " · ".join(parts) or _PHRASES[language]["free"]


def _part(view: PriceComponentView, language: str) -> str:
    phrases = _PHRASES[language]
    amount = view.gross if view.gross is not None else view.net
    assert amount is not None
    price = _price(amount, view.currency, language)
    if view.kind not in _LIMITS:
        price += _UNITS[language][view.unit]
    if view.gross is None:
        price += phrases["net"]
    text = phrases.get(view.kind, "{price}").format(price=price)
    if view.grace_seconds:
        text += phrases["grace"].format(minutes=_minutes(view.grace_seconds))
    if view.from_session_second:
        text += phrases["from"].format(minutes=_minutes(view.from_session_second))
    return text


def _price(amount: Fraction, currency: str, language: str) -> str:
    """Return a unit price with the currency's own decimal places, or up to four where it has more."""
    scaled = Decimal(round(amount * 10**_MAX_PLACES)).scaleb(-_MAX_PLACES)
    places = max(0, -int(scaled.normalize().as_tuple().exponent))
    if places <= minor_unit_exponent(currency):
        return format_currency(scaled, currency, locale=language)
    return format_currency(scaled, currency, _FINE[language], locale=language, currency_digits=False)


def _minutes(seconds: int) -> str:
    return str(seconds // 60) if seconds % 60 == 0 else format(Decimal(seconds) / 60, ".1f")
