"""Ids as operators may give them."""

from uuid import UUID

from app.kit.errors import NotFoundError
from bff.ids import split_id

_SESSIONS = ("AdminSession", "Session")


def session_row_id(text: str, field: str) -> UUID:
    """Return the row id of a session, also from the id that its driver's app shows. Raises NotFoundError."""
    name, found = split_id(text, field)
    if name not in _SESSIONS:
        raise NotFoundError("this is not the id of a session", field=field)
    return found
