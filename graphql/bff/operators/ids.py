"""Ids as operators may give them."""

from uuid import UUID

from app.kit.errors import NotFoundError
from bff.ids import split_id

_SESSIONS = ("AdminSession", "Session")
_DRIVERS = ("AdminDriver", "Driver")


def session_row_id(text: str, field: str) -> UUID:
    """Return the row id of a session, also from the id that its driver's app shows. Raises NotFoundError."""
    name, found = split_id(text, field)
    if name not in _SESSIONS:
        raise NotFoundError("this is not the id of a session", field=field)
    return found


def driver_row_id(text: str | None, field: str) -> UUID | None:
    """Return the row id of a driver, also from the id that the driver's app shows; None for None.

    Raises NotFoundError.
    """
    if text is None:
        return None
    name, found = split_id(text, field)
    if name not in _DRIVERS:
        raise NotFoundError("this is not the id of a driver", field=field)
    return found
