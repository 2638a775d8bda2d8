"""A driver's own reservations."""

import strawberry
from sqlalchemy import select

from app.domain.reservations.tables import HOLDING
from app.domain.reservations.tables import Reservation as ReservationRow
from bff.access import DriverField
from bff.context import Info
from bff.fields import query
from bff.ids import row_id
from bff.own import own_page, own_reservation
from bff.pagination import Connection, Edge, TimeCursor, page_of, require_page_size
from bff.reservations.types import Reservation
from bff.stations.queries import After, First


@strawberry.type
class ReservationQueries:
    """Queries about the caller's own reservations."""

    @query(DriverField())
    @staticmethod
    async def reservation(info: Info, id: strawberry.ID) -> Reservation | None:  # noqa: A002  the API's name
        """Return one of the caller's reservations."""
        return Reservation.of(await own_reservation(info.context, row_id(id, "Reservation", "id")))

    @query(DriverField())
    @staticmethod
    async def active_reservation(info: Info) -> Reservation | None:
        """Return the caller's reservation that holds a charging point now; null for none."""
        context = info.context
        async with context.services.database.read(context.tenant_id) as session:
            row = await session.scalar(
                select(ReservationRow)
                .where(
                    ReservationRow.driver_id == context.driver_id,
                    ReservationRow.state.in_(HOLDING),
                    ReservationRow.expires_at > context.services.clock.now(),
                )
                .order_by(ReservationRow.created_at.desc())
                .limit(1)
            )
        return Reservation.of(row) if row else None

    @query(DriverField())
    @staticmethod
    async def reservations(info: Info, first: First, after: After = None) -> Connection[Reservation]:
        """Return the caller's reservations, the newest first."""
        rows, more = await own_page(
            info.context, ReservationRow, first=require_page_size(first), after=TimeCursor.decode(after)
        )
        edges = [Edge(cursor=TimeCursor(row.created_at, row.id).encode(), node=Reservation.of(row)) for row in rows]
        return page_of(edges, has_next=more)
