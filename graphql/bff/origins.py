"""Which browser pages may open a WebSocket: those of our own origin and those allowed by name. Apps send no origin."""

from collections.abc import Collection

from strawberry.http.websocket_origin import is_same_origin, normalize_origin


def origin_allowed(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Judge a handshake's `Origin` header."""
    if origin is None or is_same_origin(origin, host):
        return True
    normalized = normalize_origin(origin)
    return normalized is not None and normalized in {normalize_origin(each) for each in allowed}
