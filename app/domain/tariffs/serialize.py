"""From the `Tariff` model back to OCPI JSON in one canonical form, and the hash that freezes it.

Equal tariffs have equal canonical JSON: decimals are text without trailing zeros, absent fields are absent, instants
are UTC, price limits carry the names of OCPI 2.3.0. `parse_tariff(tariff_to_json(t)) == t` always.
"""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.tariffs.model import PriceComponent, PriceLimit, Restrictions, Tariff, TariffElement


def content_hash(tariff: Tariff) -> str:
    """Return the SHA-256 (hex) of the canonical JSON: what a quote freezes and a receipt prints."""
    document = json.dumps(tariff_to_json(tariff), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(document.encode()).hexdigest()


def tariff_to_json(tariff: Tariff) -> dict[str, Any]:
    """Return the canonical OCPI object of a tariff."""
    fields: dict[str, Any] = {
        "country_code": tariff.country_code,
        "party_id": tariff.party_id,
        "id": tariff.id,
        "currency": tariff.currency,
        "type": _text(tariff.type),
        "tax_included": _text(tariff.tax_included),
        "tariff_alt_text": [{"language": text.language, "text": text.text} for text in tariff.tariff_alt_text],
        "tariff_alt_url": tariff.tariff_alt_url,
        "min_price": _limit(tariff.min_price),
        "max_price": _limit(tariff.max_price),
        "preauthorize_amount": _number(tariff.preauthorize_amount),
        "elements": [_element(element) for element in tariff.elements],
        "start_date_time": _instant(tariff.start_date_time),
        "end_date_time": _instant(tariff.end_date_time),
        "energy_mix": json.loads(tariff.energy_mix_json) if tariff.energy_mix_json else None,
        "last_updated": _instant(tariff.last_updated),
        "x_idle_grace_seconds": tariff.x_idle_grace_seconds or None,
    }
    return _present(fields)


def _element(element: TariffElement) -> dict[str, Any]:
    return _present(
        {
            "price_components": [_component(component) for component in element.price_components],
            "restrictions": None if element.restrictions is None else _restrictions(element.restrictions),
        }
    )


def _component(component: PriceComponent) -> dict[str, Any]:
    return _present(
        {
            "type": str(component.type),
            "price": _number(component.price),
            "vat": _number(component.vat),
            "taxes": [{"name": tax.name, "percentage": _number(tax.percentage)} for tax in component.taxes],
            "step_size": component.step_size,
        }
    )


def _restrictions(restrictions: Restrictions) -> dict[str, Any]:
    return _present(
        {
            "start_time": restrictions.start_time and restrictions.start_time.strftime("%H:%M"),
            "end_time": restrictions.end_time and restrictions.end_time.strftime("%H:%M"),
            "start_date": restrictions.start_date and restrictions.start_date.isoformat(),
            "end_date": restrictions.end_date and restrictions.end_date.isoformat(),
            "min_kwh": _number(restrictions.min_kwh),
            "max_kwh": _number(restrictions.max_kwh),
            "min_current": _number(restrictions.min_current),
            "max_current": _number(restrictions.max_current),
            "min_power": _number(restrictions.min_power),
            "max_power": _number(restrictions.max_power),
            "min_duration": restrictions.min_duration,
            "max_duration": restrictions.max_duration,
            "day_of_week": [str(day) for day in restrictions.day_of_week],
            "reservation": _text(restrictions.reservation),
        }
    )


def _limit(limit: PriceLimit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    return _present({"before_taxes": _number(limit.before_taxes), "after_taxes": _number(limit.after_taxes)})


def _number(value: Decimal | None) -> str | None:
    if value is None:
        return None
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _text(value: StrEnum | None) -> str | None:
    return None if value is None else str(value)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != []}
