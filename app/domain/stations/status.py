"""What is known of an EVSE's and a location's availability, and how old that knowledge is.

Only a connected charger's word counts: without one an EVSE is UNKNOWN, whatever its last status was.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.stations.states import EvseStatus, RegistrationStatus
from app.domain.stations.tables import Charger, Connector, Evse


@dataclass(frozen=True, slots=True)
class EvseAvailability:
    """An EVSE's status now; `last_seen_at` is when it or its charger was last heard of, None for never."""

    status: EvseStatus
    last_seen_at: datetime | None
    last_seen_age: timedelta | None


@dataclass(frozen=True, slots=True)
class EvseView:
    """An EVSE with its connectors (by number), its charger if any, and its availability."""

    evse: Evse
    connectors: tuple[Connector, ...]
    charger: Charger | None
    availability: EvseAvailability


@dataclass(frozen=True, slots=True)
class LocationAvailability:
    """How many EVSEs of a location are in each status; `status` is the best a driver finds there."""

    status: EvseStatus
    available: int
    total: int
    by_status: Mapping[EvseStatus, int]
    last_seen_at: datetime | None
    last_seen_age: timedelta | None


# What serves a driver best comes first: usable now, usable soon, not known, not usable.
_BEST_FIRST = (
    EvseStatus.AVAILABLE,
    EvseStatus.OCCUPIED,
    EvseStatus.CHARGING,
    EvseStatus.RESERVED,
    EvseStatus.UNKNOWN,
    EvseStatus.UNAVAILABLE,
    EvseStatus.FAULTED,
)


def evse_availability(evse: Evse, charger: Charger | None, now: datetime) -> EvseAvailability:
    """Derive an EVSE's availability from its row and its charger's."""
    if charger is None or not charger.connected or charger.registration is not RegistrationStatus.ACCEPTED:
        status = EvseStatus.UNKNOWN
    elif not (evse.operative and charger.operative) and evse.status is EvseStatus.AVAILABLE:
        status = EvseStatus.UNAVAILABLE
    else:
        status = evse.status
    seen = [at for at in (evse.last_seen_at, charger.last_seen_at if charger else None) if at is not None]
    return EvseAvailability(status, *_last_seen(seen, now))


def location_availability(evses: Iterable[EvseAvailability], now: datetime) -> LocationAvailability:
    """Sum up a location; one without EVSEs is UNKNOWN."""
    views = list(evses)
    counts = Counter(view.status for view in views)
    best = next((status for status in _BEST_FIRST if counts[status]), EvseStatus.UNKNOWN)
    seen = [view.last_seen_at for view in views if view.last_seen_at is not None]
    return LocationAvailability(best, counts[EvseStatus.AVAILABLE], len(views), dict(counts), *_last_seen(seen, now))


async def evses_of_locations(
    session: AsyncSession, location_ids: Sequence[UUID], now: datetime
) -> dict[UUID, list[EvseView]]:
    """Return the EVSEs of each location, with connectors, charger and availability, in two queries.

    Every id asked for has an entry. EVSEs are ordered by their uid at the source, shorter ones first.
    """
    views: dict[UUID, list[EvseView]] = {location_id: [] for location_id in location_ids}
    pairs = (
        await session.execute(
            select(Evse, Charger)
            .outerjoin(Charger, Charger.id == Evse.charger_id)
            .where(Evse.location_id.in_(location_ids))
        )
    ).all()
    connectors = await _connectors_of(session, [evse.id for evse, _ in pairs])
    for evse, charger in sorted(pairs, key=lambda pair: (len(pair[0].source_uid), pair[0].source_uid)):
        views[evse.location_id].append(
            EvseView(evse, tuple(connectors.get(evse.id, ())), charger, evse_availability(evse, charger, now))
        )
    return views


async def _connectors_of(session: AsyncSession, evse_ids: Sequence[UUID]) -> dict[UUID, list[Connector]]:
    rows = await session.scalars(
        select(Connector).where(Connector.evse_id.in_(evse_ids)).order_by(Connector.evse_id, Connector.number)
    )
    grouped: dict[UUID, list[Connector]] = {}
    for connector in rows:
        grouped.setdefault(connector.evse_id, []).append(connector)
    return grouped


def _last_seen(seen: Sequence[datetime], now: datetime) -> tuple[datetime | None, timedelta | None]:
    last = max(seen, default=None)
    return last, None if last is None else max(now - last, timedelta(0))
