"""`sessionUpdates`: a charge, live. Nothing is missed and nothing comes twice, also after a lost connection.

First the watch is attached, then the present state is sent (or, with `afterSequence`, every update after it), then each
new update in order. What is sent is read from the event log by sequence number; a slow client is woken once for many
updates and reads them then. While nothing happens no database connection is held.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from app.db.events import events_after
from app.db.tables import Event
from app.domain.charging.progress import snapshot
from app.domain.charging.states import ChargingState, FailureCode, SessionState, StopReason
from app.domain.charging.tables import ChargingSession
from app.kit.errors import InvalidInputError
from bff.access import DriverField
from bff.context import Context, Info
from bff.fields import computed, subscription
from bff.ids import row_id
from bff.money import Money
from bff.own import own_session
from bff.scalars import BigInt
from bff.sessions.types import Session, SessionFailure

_PAGE = 100


@strawberry.type
class SessionUpdate:
    """A session as it was at one sequence number. The first one is the present state (`type` "snapshot")."""

    sequence: BigInt
    type: str
    at: datetime
    state: SessionState
    charging_state: ChargingState | None
    energy_wh: BigInt
    power_w: int | None
    soc_percent: int | None
    running_cost: Money | None
    started_at: datetime | None
    energy_ended_at: datetime | None
    ended_at: datetime | None
    last_reading_at: datetime | None
    stop_pending: bool
    stop_reason: StopReason | None
    failure: SessionFailure | None
    session_id: strawberry.Private[UUID]

    @computed
    async def session(self, info: Info) -> Session:
        """The session as it is now, which can be newer than this update."""
        return Session.of(await own_session(info.context, self.session_id), info.context)

    @classmethod
    def of(
        cls, session_id: UUID, sequence: int, kind: str, at: datetime, progress: dict[str, Any], locale: str
    ) -> "SessionUpdate":
        """Return an update from a progress snapshot (`app.domain.charging.progress`)."""
        failure, charging, reason = progress["failure"], progress["chargingState"], progress["stopReason"]
        return cls(
            sequence=BigInt(sequence),
            type=kind,
            at=at,
            state=SessionState(progress["state"]),
            charging_state=ChargingState(charging) if charging else None,
            energy_wh=BigInt(progress["energyWh"]),
            power_w=progress["powerW"],
            soc_percent=progress["socPercent"],
            running_cost=Money.maybe(progress["costGrossMinor"], progress["currency"], locale),
            started_at=_moment(progress["startedAt"]),
            energy_ended_at=_moment(progress["energyEndedAt"]),
            ended_at=_moment(progress["endedAt"]),
            last_reading_at=_moment(progress["lastReadingAt"]),
            stop_pending=progress["stopPending"],
            stop_reason=StopReason(reason) if reason else None,
            failure=SessionFailure.of(FailureCode(failure) if failure else None, locale),
            session_id=session_id,
        )


@strawberry.type
class SessionSubscription:
    """The subscription."""

    @subscription(DriverField())
    @staticmethod
    async def session_updates(
        info: Info, session_id: strawberry.ID, after_sequence: BigInt | None = None
    ) -> AsyncIterator[SessionUpdate]:
        """Follow one of the caller's sessions. `afterSequence`: the last update the app has."""
        context = info.context
        wanted = row_id(session_id, "Session", "sessionId")
        with context.services.live.watch([wanted]) as watch:
            row = await own_session(context, wanted, "sessionId")
            if after_sequence is None:
                last = row.seq
                yield _snapshot(row, context)
                await watch.changed()
            else:
                last = _resume_from(after_sequence, row)
            while True:
                async for event in _events(context, wanted, last):
                    last = event.seq
                    yield SessionUpdate.of(
                        wanted, event.seq, event.type, event.occurred_at, event.payload, context.locale
                    )
                await watch.changed()


def _snapshot(row: ChargingSession, context: Context) -> SessionUpdate:
    now = context.services.clock.now()
    return SessionUpdate.of(row.id, row.seq, "snapshot", now, snapshot(row), context.locale)


def _resume_from(after_sequence: int, row: ChargingSession) -> int:
    if not 0 <= after_sequence <= row.seq:
        raise InvalidInputError("the session has no such update", field="afterSequence")
    return after_sequence


async def _events(context: Context, session_id: UUID, after: int) -> AsyncIterator[Event]:
    """Yield the events after a number, page by page; no connection is held while one is being sent."""
    while True:
        async with context.services.database.read(context.tenant_id) as session:
            page = await events_after(session, session_id, after, limit=_PAGE)
        for event in page:
            after = event.seq
            yield event
        if len(page) < _PAGE:
            return


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
