"""What must hold after every test of charging, whatever it did."""

from sqlalchemy import text

from app.domain.charging.progress import snapshot
from app.domain.charging.tables import ChargingSession
from tests.factories.world import World


async def assert_events_tell_the_rows(world: World) -> None:
    """Every session's events count from 1 without a gap, and the last one carries what the row says."""
    for session in await world.rows(ChargingSession):
        events = await world.events(session.id)
        assert [event.seq for event in events] == list(range(1, session.seq + 1))
        assert events[-1].payload == snapshot(session), f"the last event of a {session.state} session is behind its row"


async def assert_nothing_is_lost(world: World) -> None:
    """A session that failed has its release enqueued or done; one that ended is settled, reviewed or has its job."""
    for session in await world.rows(ChargingSession):
        assert session.energy_wh >= 0
        if session.ended_at and session.started_at:
            assert session.started_at <= (session.energy_ended_at or session.ended_at) <= session.ended_at
    async with world.app.read(world.tenant.id) as db:
        double = await db.execute(
            text(
                "select evse_id from charging_sessions where not historical and evse_id is not null and state in "
                "('PENDING_PAYMENT','PENDING_ACTION','PENDING_CHARGER','START_UNCERTAIN','ACTIVE','PARKING') "
                "group by evse_id having count(*) > 1"
            )
        )
        assert double.all() == []
