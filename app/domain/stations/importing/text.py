"""Cleaning of free text and numbers as registers carry them: nulls in words, mixed encodings, decimal
commas.
"""

import re
from decimal import Decimal, InvalidOperation

from app.domain.stations.importing.model import BadValueError

_NULL_WORDS = {"", "-", "none", "null", "nan", "n/a", "#n/a", "unknown"}
_WHITESPACE = re.compile(r"\s+")
# Two characters that only arise when UTF-8 bytes were read as Windows-1252.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)


def clean(text: str | None) -> str | None:
    """Return the text with single spaces and repaired encoding, or None for an empty or null-like word."""
    if text is None:
        return None
    storable = text.replace("\x00", "").encode("utf-8", "replace").decode()  # lone surrogates become "?"
    flat = _WHITESPACE.sub(" ", repair_encoding(storable)).strip()
    return None if flat.casefold() in _NULL_WORDS else flat


def repair_encoding(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252 ("ChÃ¢teau"); text that is not wholly such stays as it is."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return b"".join(_windows_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return text


def parse_number(text: str | None, field: str) -> Decimal | None:
    """Parse a decimal number with a point or a comma; None when the source leaves it empty.

    Raises BadValueError for anything else, including NaN, infinities and exponents.
    """
    value = clean(text)
    if value is None:
        return None
    candidate = value.replace(",", ".", 1)
    if not _NUMBER.fullmatch(candidate):
        raise BadValueError(field, f"{value[:40]!r} is not a number")
    try:
        return Decimal(candidate)
    except InvalidOperation as error:
        raise BadValueError(field, f"{value[:40]!r} is not a number") from error


def parse_flag(text: str | None) -> bool | None:
    """Parse the spellings of true and false met in registers; None for anything else."""
    value = (clean(text) or "").casefold()
    if value in {"true", "1", "1.0", "oui", "vrai", "ja", "yes"}:
        return True
    if value in {"false", "0", "0.0", "non", "faux", "nein", "no"}:
        return False
    return None


def _windows_byte(character: str) -> bytes:
    """Return the byte Windows-1252 read as this character; its five undefined bytes came through as C1
    controls.
    """
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")
