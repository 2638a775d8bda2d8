"""The event log: what others must learn of, as rows.

NOTIFY only wakes listeners; a reader resumes by the sequence number of an aggregate, which is assigned under the
aggregate's row lock and therefore has no gaps and no late arrivals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.tables import Event

NOTIFY_CHANNEL = "voltlane_events"


@dataclass(frozen=True, slots=True)
class EventNotice:
    """What NOTIFY carries: which aggregate has an event, and its sequence number."""

    tenant_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    seq: int


def notify_payload(event: Event) -> str:
    """Return the NOTIFY text of an event."""
    return f"{event.tenant_id} {event.aggregate_type} {event.aggregate_id} {event.seq}"


def parse_notice(payload: str) -> EventNotice:
    """Read a NOTIFY text; raises ValueError for any other text."""
    tenant, kind, aggregate, seq = payload.split(" ")
    return EventNotice(UUID(tenant), kind, UUID(aggregate), int(seq))


async def events_after(
    session: AsyncSession, aggregate_id: UUID, after_seq: int, *, limit: int = 500
) -> Sequence[Event]:
    """Return an aggregate's events with a sequence number above `after_seq`, oldest first."""
    query = (
        select(Event).where(Event.aggregate_id == aggregate_id, Event.seq > after_seq).order_by(Event.seq).limit(limit)
    )
    return (await session.scalars(query)).all()
