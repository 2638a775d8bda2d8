"""Secrets taken out of frames before they are logged: authorization keys, passwords, credentials in addresses."""

import re
from typing import Any

import msgspec

REDACTED = "[redacted]"
_SUSPICIOUS = re.compile(r"authorizationkey|password|://[^/\s\"]*@", re.IGNORECASE)
_SECRET_NAMES = frozenset({"authorizationkey", "basicauthpassword"})
_SECRET_FIELD = re.compile(r"password", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(://)[^/\s\"@]*@")
_VALUE_FIELDS = ("value", "attributeValue")
_BROKEN_SECRET = re.compile(r'("(?:value|attributeValue|[A-Za-z]*[Pp]assword)"\s*:\s*)"[^"]*"?')


def redact_frame(text: str) -> str:
    """Return a frame without secrets; one that carries none is returned as it is."""
    if not _SUSPICIOUS.search(text):
        return text
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return _CREDENTIALS.sub(rf"\1{REDACTED}@", _BROKEN_SECRET.sub(rf'\1"{REDACTED}"', text))
    return msgspec.json.encode(redact_value(value)).decode()


def redact_value(value: Any) -> Any:
    """Return a copy of a payload without secrets."""
    if isinstance(value, list):
        return [redact_value(item) for item in value]
    if isinstance(value, str):
        return _CREDENTIALS.sub(rf"\1{REDACTED}@", value)
    if not isinstance(value, dict):
        return value
    cleaned = {
        name: REDACTED if isinstance(item, str) and _SECRET_FIELD.search(name) else redact_value(item)
        for name, item in value.items()
    }
    if _names_a_secret(value):
        cleaned |= {field: REDACTED for field in _VALUE_FIELDS if field in value}
    return cleaned


def _names_a_secret(item: dict[str, Any]) -> bool:
    """Whether an object pairs the name of a secret (1.6 key, 2.x variable) with its value."""
    variable = item.get("variable")
    names = (item.get("key"), item.get("variable"), variable.get("name") if isinstance(variable, dict) else None)
    return any(isinstance(name, str) and name.lower() in _SECRET_NAMES for name in names)
