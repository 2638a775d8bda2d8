"""A driver's own sessions: one, the one that runs now, all of them."""

import strawberry
from sqlalchemy import select

from app.domain.charging.states import LIVE
from app.domain.charging.tables import ChargingSession
from bff.access import DriverField
from bff.context import Info
from bff.fields import query
from bff.ids import row_id
from bff.own import own_page, own_session
from bff.pagination import Connection, Edge, TimeCursor, page_of, require_page_size
from bff.receipts.types import Receipt
from bff.sessions.types import Session
from bff.stations.queries import After, First


@strawberry.type
class SessionQueries:
    """Queries about the caller's own sessions."""

    @query(DriverField())
    @staticmethod
    async def session(info: Info, id: strawberry.ID) -> Session | None:  # noqa: A002  the API's name
        """Return one of the caller's sessions."""
        return Session.of(await own_session(info.context, row_id(id, "Session", "id")), info.context)

    @query(DriverField())
    @staticmethod
    async def active_session(info: Info) -> Session | None:
        """Return the caller's session that is being started or runs, the newest; null for none."""
        context = info.context
        async with context.services.database.read(context.tenant_id) as session:
            row = await session.scalar(
                select(ChargingSession)
                .where(ChargingSession.driver_id == context.driver_id, ChargingSession.state.in_(LIVE))
                .order_by(ChargingSession.created_at.desc(), ChargingSession.id.desc())
                .limit(1)
            )
        return Session.of(row, context) if row else None

    @query(DriverField())
    @staticmethod
    async def sessions(info: Info, first: First, after: After = None) -> Connection[Session]:
        """Return the caller's sessions, the newest first."""
        context = info.context
        rows, more = await own_page(
            context, ChargingSession, first=require_page_size(first), after=TimeCursor.decode(after)
        )
        edges = [
            Edge(cursor=TimeCursor(row.created_at, row.id).encode(), node=Session.of(row, context)) for row in rows
        ]
        return page_of(edges, has_next=more)

    @query(DriverField())
    @staticmethod
    async def receipt(info: Info, session_id: strawberry.ID) -> Receipt | None:
        """Return the receipt of one of the caller's sessions; null until it is issued."""
        context = info.context
        session = await own_session(context, row_id(session_id, "Session", "sessionId"), "sessionId")
        row = await context.loaders.receipts.load(session.id)
        return Receipt.of(row, context) if row else None
