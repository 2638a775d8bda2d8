"""Normal forms under which texts are stored and looked up."""

import unicodedata


def normalise_evse_code(text: str) -> str:
    """Return an EVSE code (eMI3 id or sticker) without separators and in upper case.

    `de*abc*e100*1`, `DE-ABC-E100-1` and `DEABCE1001` are one code: eMI3 makes the separators optional.
    """
    return "".join(character for character in text.upper() if character.isascii() and character.isalnum())


def normalise_search_text(*parts: str | None) -> str:
    """Return texts joined, without case and accents ("Königstraße" and "konigstrasse" meet)."""
    joined = " ".join(part for part in parts if part)
    decomposed = unicodedata.normalize("NFKD", joined.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
