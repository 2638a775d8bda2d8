"""The language an answer is written in: the app asks for it, else the brand's; texts exist in German and English."""

from babel.core import Locale, UnknownLocaleError

TEXT_LANGUAGES = ("en", "de")
_MAX_HEADER = 200


def negotiate(accept_language: str | None, fallback: str) -> str:
    """Return the first well-formed locale of an `Accept-Language` header by its weights, else the fallback."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept_language or "")[:_MAX_HEADER].split(",")):
        tag, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        if tag != "*" and weight > 0 and is_locale(tag):
            weighted.append((-weight, position, tag.replace("_", "-")))
    return min(weighted)[2] if weighted else fallback


def is_locale(tag: str) -> bool:
    """Tell whether a tag ("de", "en-GB") names a locale whose formats are known."""
    try:
        Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError):
        return False
    return True


def text_language(locale: str) -> str:
    """Return the language of our own texts for a locale."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in TEXT_LANGUAGES else TEXT_LANGUAGES[0]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
