"""Id tokens as chargers send them."""

from typing import Any

_LONGEST = 255  # of id_tokens.uid


def token_16(value: Any) -> str | None:
    """Return an idTag without surrounding blanks, or None where there is none. Too long ones are kept whole."""
    text = "" if value is None else str(value).strip()
    return text[:_LONGEST] or None


def token_2(value: Any) -> str | None:
    """Return the token of an IdTokenType; NoAuthorization carries none."""
    if not isinstance(value, dict) or value.get("type") == "NoAuthorization":
        return None
    return token_16(value.get("idToken"))
