"""Partial inputs: a field that is absent is not said, a field that is null says "none"."""

from typing import Any

from strawberry import Some


def said(given: object, *names: str) -> dict[str, Any]:
    """Return the named `Maybe` fields of an input that were given, by name."""
    found: dict[str, Some[Any] | None] = {name: getattr(given, name) for name in names}
    return {name: some.value for name, some in found.items() if some is not None}
