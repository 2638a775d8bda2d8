"""A driver's own rows: read by id, and not there for anybody else.

Another driver's row and a row that does not exist are told the same, so an id cannot be used to find out either.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.db.base import TenantRow
from app.domain.charging.tables import ChargingSession
from app.domain.reservations.tables import Reservation
from app.kit.errors import NotFoundError
from bff.context import Context
from bff.pagination import TimeCursor

R = TypeVar("R", bound=TenantRow)


async def own_session(context: Context, session_id: UUID, field: str = "id") -> ChargingSession:
    """Return the caller's charging session. Raises NotFoundError."""
    row = await context.loaders.sessions.load(session_id)
    if row is None or row.driver_id != context.driver_id:
        raise _not_there(field)
    return row


async def own_reservation(context: Context, reservation_id: UUID, field: str = "id") -> Reservation:
    """Return the caller's reservation. Raises NotFoundError."""
    async with context.services.database.read(context.tenant_id) as session:
        row = await session.get(Reservation, reservation_id)
    if row is None or row.driver_id != context.driver_id:
        raise _not_there(field)
    return row


def _not_there(field: str) -> NotFoundError:
    return NotFoundError("there is no such thing", field=field)


async def own_page(
    context: Context, table: type[R], *, first: int, after: TimeCursor | None
) -> tuple[Sequence[R], bool]:
    """Return a page of the caller's rows, newest first, and whether more follow. The table has a `driver_id`."""
    driver: Any = table.driver_id  # type: ignore[attr-defined]
    query = select(table).where(driver == context.driver_id)
    if after is not None:
        older = table.created_at < after.created_at
        query = query.where(or_(older, and_(table.created_at == after.created_at, table.id < after.row_id)))
    query = query.order_by(table.created_at.desc(), table.id.desc()).limit(first + 1)
    async with context.services.database.read(context.tenant_id) as session:
        rows = (await session.scalars(query)).all()
    return rows[:first], len(rows) > first
