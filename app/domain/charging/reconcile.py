"""Heals what a crash or a silence left between two steps; run again and again, for each tenant.

Each state that waits for something has a deadline or a repeatable step, so that no session stays where it is for ever.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select

from app.domain.charging import reconcile_costs as costs
from app.domain.charging import reconcile_ends as ends
from app.domain.charging import reconcile_starts as starts
from app.domain.charging.deps import Charging
from app.domain.charging.tables import ChargingSession

_log = structlog.get_logger(__name__)

_BATCH = 200


async def reconcile_sessions(deps: Charging, tenant_id: UUID) -> None:
    """Go once over every session that waits."""
    now = deps.clock.now()
    for condition, heal in _ROUNDS:
        async for session_id in _find(deps, tenant_id, condition(now)):
            try:
                await heal(deps, tenant_id, session_id)
            except Exception:
                # One session that cannot be healed now must not keep the others waiting.
                _log.exception("session could not be reconciled", session=str(session_id))


async def _find(deps: Charging, tenant_id: UUID, condition: ColumnElement[bool]) -> AsyncIterator[UUID]:
    """Yield every session that waits, batch by batch: those that stay as they are never hide the ones behind them."""
    last: UUID | None = None
    while True:
        query = select(ChargingSession.id).where(condition).order_by(ChargingSession.id).limit(_BATCH)
        if last is not None:
            query = query.where(ChargingSession.id > last)
        async with deps.database.read(tenant_id) as db:
            batch = (await db.scalars(query)).all()
        for session_id in batch:
            yield session_id
        if len(batch) < _BATCH:
            return
        last = batch[-1]


_ROUNDS: tuple[
    tuple[Callable[[datetime], ColumnElement[bool]], Callable[[Charging, UUID, UUID], Awaitable[None]]], ...
] = (
    (starts.hold_interrupted, starts.place_hold),
    (starts.authentication_overdue, starts.end_authentication),
    (starts.start_not_sent, starts.send_again),
    (starts.start_overdue, starts.give_up_start),
    (ends.may_need_stop, ends.stop_if_due),
    (ends.stop_lost, ends.end_without_stop),
    (ends.forgotten, ends.end_without_stop),
    (ends.parking, ends.end_parking),
    (ends.settling, ends.settle_again),
    (costs.standing_still, costs.bring_up_to_date),
)
