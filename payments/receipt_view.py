"""What a document shows, as text in its language: the template only places it.

Everything comes from the stored content, so a document printed again years later says the same.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from app.kit.money import Money
from payments.receipt_words import WORDS, language_of

_LOCALES = {"de": "de_DE", "en": "en_GB"}
_PRICE_FORMAT = "#,##0.00####"
_EXACT_PLACES = 6
_MINUTES = 60


class DocumentView:
    """Formats one document's content in one language."""

    def __init__(self, content: dict[str, Any], locale: str) -> None:
        self._content = content
        self._language = language_of(locale)
        self._locale = _LOCALES[self._language]
        self._words = WORDS[self._language]
        self._currency: str = content["currency"]

    def data(self) -> dict[str, Any]:
        """Return what the template places: text, and lists of label and text."""
        content, words = self._content, self._words
        return {
            "language": self._language,
            "words": words,
            "title": words[content["kind"]],
            "number": content["number"],
            "brand": content["seller"]["brand"],
            "seller": content["seller"],
            "head": self._head(),
            "facts": self._facts(),
            "lines": [self._line(line) for line in content.get("lines", ())] + self._limit(),
            "price_note": self._price_note(),
            "vat": [self._vat_row(row) for row in content["vat"]],
            "total_label": words["credited" if content["kind"] == "CREDIT_NOTE" else "total"],
            "net": self._money(content["net"]),
            "vat_total": self._money(content["vat_total"]),
            "gross": self._money(content["gross"]),
            "payment": self._payment(),
            "small_print": self._small_print(),
        }

    def _head(self) -> list[tuple[str, str]]:
        content, words = self._content, self._words
        head = [(words["number"], content["number"]), (words["issued"], self._time(content["issued_at"]))]
        if "corrects" in content:
            head.append((words["corrects"], content["corrects"]["number"]))
        return head

    def _facts(self) -> list[tuple[str, str]]:
        session, words = self._content["session"], self._words
        energy = f"{self._kwh(session['energy_wh'])} kWh"
        if session["energy_estimated"]:
            energy += f" ({words['estimated']})"
        facts = [
            (words["reason"], self._content.get("reason", "")),
            (words["location"], _place(session["location"])),
            (words["evse"], session["evse_id"]),
            (words["start"], self._time(session["started_at"])),
            (words["energy_end"], self._time(session["energy_ended_at"])),
            (words["end"], self._time(session["ended_at"])),
            (words["energy"], energy),
            (words["meter"], self._meter(session)),
        ]
        seconds = Decimal(self._content.get("billed_seconds", "0"))
        if seconds:
            facts.append((words["billed_time"], f"{self._number(seconds)} {words['seconds']}"))
        return [(label, text) for label, text in facts if text]

    def _meter(self, session: dict[str, Any]) -> str:
        start, stop = session["meter_start_wh"], session["meter_stop_wh"]
        return "" if start is None or stop is None else f"{self._kwh(start)} → {self._kwh(stop)} kWh"

    def _line(self, line: dict[str, Any]) -> dict[str, str]:
        reserved = line["context"] == "reservation"
        name = f"RESERVATION_{line['component']}" if reserved else line["component"]
        return {
            "label": self._words[name],
            "detail": self._period(line["start"], line["end"]),
            "quantity": self._quantity(line),
            "unit_price": self._unit_price(line),
            "vat_rate": self._rate(line["vat_rate"]),
            "amount": self._money(line["gross"]),
        }

    def _period(self, start: str, end: str) -> str:
        return self._time(start) if start == end else f"{self._time(start)} – {self._time(end)}"

    def _limit(self) -> list[dict[str, str]]:
        limit = self._content.get("limit")
        if not limit:
            return []
        empty = {"detail": "", "quantity": "", "unit_price": "", "vat_rate": ""}
        return [{**empty, "label": self._words[limit["kind"]], "amount": self._money(limit["gross"])}]

    def _quantity(self, line: dict[str, Any]) -> str:
        quantity = Decimal(line["quantity"])
        if line["unit"] == "kWh":
            return f"{format_decimal(quantity, '#,##0.000', locale=self._locale)} kWh"
        if line["unit"] == "session":
            return self._number(quantity)
        minutes, seconds = divmod(int(quantity.to_integral_value()), _MINUTES)
        return f"{self._number(minutes)}:{seconds:02d} min"

    def _unit_price(self, line: dict[str, Any]) -> str:
        price, per = Decimal(line["unit_price"]), line["price_per"]
        if per == "h":
            a_minute = price / _MINUTES
            if a_minute == round(a_minute, _EXACT_PLACES):
                price, per = a_minute, "min"
        text = format_decimal(price, _PRICE_FORMAT, locale=self._locale)
        return f"{text} {self._symbol()}" if per == "session" else f"{text} {self._symbol()}/{per}"

    def _price_note(self) -> str:
        sides = {line["tax_included"] for line in self._content.get("lines", ())}
        notes = {frozenset({True}): "prices_with_vat", frozenset({False}): "prices_without_vat"}
        word = notes.get(frozenset(sides))
        return self._words[word] if word else ""

    def _vat_row(self, row: dict[str, Any]) -> dict[str, str]:
        return {
            "rate": self._rate(row["rate"]) or self._words["mixed"],
            "net": self._money(row["net"]),
            "vat": self._money(row["vat"]),
            "gross": self._money(row["gross"]),
        }

    def _payment(self) -> list[tuple[str, str]]:
        payment, words = self._content["payment"], self._words
        card = f"{(payment['card_brand'] or '').capitalize()} •••• {payment['card_last4']}"
        if "refunded" in payment:
            return [(f"{words['refunded_to']} ({card})", self._money(payment["refunded"]))]
        shown = [
            (f"{words['paid_by']} ({card})", payment["captured"]),
            (words["waived"], payment["waived"]),
            (words["owed"], payment["owed"]),
        ]
        return [(label, self._money(minor)) for label, minor in shown if minor]

    def _small_print(self) -> list[tuple[str, str]]:
        content, words = self._content, self._words
        small = [(words["session_id"], content["session"]["id"])]
        if content.get("tariff"):
            small += [(words["tariff"], content["tariff"]["id"]), (words["tariff_hash"], content["tariff"]["hash"])]
        return small

    def _time(self, stored: str | None) -> str:
        """Return a local time with its offset from UTC."""
        if stored is None:
            return ""
        return format_datetime(datetime.fromisoformat(stored), "dd.MM.yyyy HH:mm:ss xxx", locale=self._locale)

    def _money(self, minor: int) -> str:
        return format_currency(Money(minor, self._currency).major, self._currency, locale=self._locale)

    def _symbol(self) -> str:
        return get_currency_symbol(self._currency, locale=self._locale)

    def _number(self, value: Decimal | int) -> str:
        return format_decimal(value, locale=self._locale)

    def _kwh(self, wh: int) -> str:
        return format_decimal(Decimal(wh) / 1000, "#,##0.000", locale=self._locale)

    def _rate(self, rate: str | None) -> str:
        return "" if rate is None else f"{format_decimal(Decimal(rate), '0.##', locale=self._locale)} %"


def _place(location: dict[str, str | None] | None) -> str:
    if location is None:
        return ""
    town = " ".join(part for part in (location["postal_code"], location["city"]) if part)
    return ", ".join(part for part in (location["name"], location["address"], town) if part)
