"""Pages of an operator's lists: newest first, cut at the last row's own values."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, and_, or_

from app.db.base import TenantRow
from bff.context import Context
from bff.pagination import Connection, Edge, TimeCursor, page_of, require_page_size

R = TypeVar("R", bound=TenantRow)
N = TypeVar("N")


async def newest_first(
    context: Context,
    query: Select[R],
    table: type[R],
    node: Callable[[R], N],
    *,
    first: int,
    after: str | None,
) -> Connection[N]:
    """Return a page of a query over one table, newest first. Raises InvalidInputError."""
    require_page_size(first)
    cursor = TimeCursor.decode(after)
    if cursor is not None:
        older = table.created_at < cursor.created_at
        query = query.where(or_(older, and_(table.created_at == cursor.created_at, table.id < cursor.row_id)))
    query = query.order_by(table.created_at.desc(), table.id.desc()).limit(first + 1)
    rows = await read_rows(context, query)
    edges = [Edge(cursor=TimeCursor(row.created_at, row.id).encode(), node=node(row)) for row in rows[:first]]
    return page_of(edges, has_next=len(rows) > first)


async def read_rows(context: Context, query: Select[R]) -> Sequence[R]:
    """Return the rows of a query in the caller's brand."""
    async with context.services.database.read(context.tenant_id) as session:
        return (await session.scalars(query)).all()


async def read_one(context: Context, table: type[R], row_id: Any) -> R | None:
    """Return a row by its id."""
    async with context.services.database.read(context.tenant_id) as session:
        return await session.get(table, row_id)


def contains(text: str) -> str:
    """Return a LIKE pattern for a text within another; its own wildcards stand for themselves."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
