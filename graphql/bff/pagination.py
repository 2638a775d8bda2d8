"""Connections by keyset: a page is cut at the last row's own values, so rows inserted meanwhile shift nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import strawberry

from app.kit.errors import InvalidInputError

MAX_PAGE = 100
T = TypeVar("T")


@strawberry.type
class PageInfo:
    """Where a page ends and whether one follows."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    """A node and the cursor after it."""

    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    """A page of nodes."""

    edges: list[Edge[T]]
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class TimeCursor:
    """A place in rows ordered by creation, newest first."""

    created_at: datetime
    row_id: UUID

    def encode(self) -> str:
        """Return the cursor as opaque text."""
        return urlsafe_b64encode(f"{self.created_at.isoformat()} {self.row_id}".encode()).decode()

    @classmethod
    def decode(cls, text: str | None) -> "TimeCursor | None":
        """Read a cursor. Raises InvalidInputError for anything that `encode` did not make."""
        if text is None:
            return None
        try:
            moment, row = urlsafe_b64decode(text.encode()).decode().split(" ")
            return cls(datetime.fromisoformat(moment), UUID(row))
        except ValueError as error:
            raise InvalidInputError("the cursor is not valid", field="after") from error


def require_page_size(first: int) -> int:
    """Return a page size of 1 to 100. Raises InvalidInputError."""
    if not 1 <= first <= MAX_PAGE:
        raise InvalidInputError(f"a page has 1 to {MAX_PAGE} nodes", field="first")
    return first


def page_of(edges: list[Edge[T]], *, has_next: bool) -> Connection[T]:
    """Return the connection of a page's edges."""
    return Connection(
        edges=edges, page_info=PageInfo(has_next_page=has_next, end_cursor=edges[-1].cursor if edges else None)
    )
