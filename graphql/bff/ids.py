"""Global ids (Relay): the type's name and the row's id, so that an app can cache and re-read any object by its id.

An id is an address, not a right: whoever reads by it checks whose the row is.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from uuid import UUID

from app.kit.errors import InvalidInputError, NotFoundError

_MAX_LENGTH = 120
_MIN_KEY = 8
_MAX_KEY = 255


def global_id(type_name: str, row_id: UUID) -> str:
    """Return the global id of a row."""
    return b64encode(f"{type_name}:{row_id}".encode()).decode()


def split_id(text: str, field: str = "id") -> tuple[str, UUID]:
    """Return type name and row id. Raises NotFoundError for anything that is no id of ours."""
    try:
        name, _, row = b64decode(text[:_MAX_LENGTH], validate=True).decode("ascii").partition(":")
        return name, UUID(row)
    except (Base64Error, ValueError) as error:
        raise NotFoundError("there is no such thing", field=field) from error


def row_id(text: str, type_name: str, field: str) -> UUID:
    """Return the row id of a global id of one type. Raises NotFoundError."""
    name, found = split_id(text, field)
    if name != type_name:
        raise NotFoundError(f"this is not the id of a {type_name}", field=field)
    return found


def optional_row_id(text: str | None, type_name: str, field: str) -> UUID | None:
    """Return the row id of a global id, None for None. Raises NotFoundError."""
    return None if text is None else row_id(text, type_name, field)


def checked_key(text: str) -> str:
    """Return an idempotency key of 8 to 255 characters. Raises InvalidInputError."""
    if not _MIN_KEY <= len(text) <= _MAX_KEY:
        raise InvalidInputError("an idempotency key has 8 to 255 characters", field="idempotencyKey")
    return text
