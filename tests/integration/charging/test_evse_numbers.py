"""EVSEs that a charger names by itself: added up to a bound, beyond it nothing is lost and nothing is made up."""

from app.domain.charging.inbound.find import MAX_ANNOUNCED_EVSES
from app.domain.charging.states import SessionState
from app.domain.charging.tables import ChargingSession, Incident, MeterReading
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger, Evse
from tests.factories.drivers import id_token
from tests.factories.messages import reading
from tests.factories.world import World

CARD = "04A2B3C4D5"


async def _full(world: World) -> None:
    for number in range(1, MAX_ANNOUNCED_EVSES + 1):
        await world.report(EvseStatus.AVAILABLE, evse_no=number)
    assert len(await world.rows(Evse)) == MAX_ANNOUNCED_EVSES == 64


async def test_a_number_beyond_the_bound_is_logged_and_adds_nothing(world: World) -> None:
    await _full(world)
    before = (await world.row(Charger, world.net.charger_id)).seq
    for number in (65, 999_999):
        await world.report(EvseStatus.FAULTED, evse_no=number, error_code="GroundFailure")
    assert len(await world.rows(Evse)) == MAX_ANNOUNCED_EVSES
    charger = await world.row(Charger, world.net.charger_id)
    assert (charger.fault_code, charger.seq) == (None, before + 2)
    events = [event for event in await world.events(charger.id) if event.type == "charger.status"]
    assert [event.payload["evseNo"] for event in events] == [65, 999_999]
    (incident,) = await world.rows(Incident)
    assert (incident.kind.value, incident.detail["evseNo"]) == ("UNUSABLE_MESSAGE", 65)
    await world.report(EvseStatus.CHARGING, evse_no=64)
    assert (await world.rows(Evse))[-1].status is EvseStatus.CHARGING


async def test_readings_and_starts_there_are_kept_unassigned(world: World) -> None:
    await _full(world)
    await world.read(reading(world.clock.now(), 700), evse_no=65)
    (stored,) = await world.rows(MeterReading)
    assert (stored.evse_no, stored.register_wh, stored.session_id) == (65, 700, None)
    await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    opened = await world.open(id_token=CARD, evse_no=65, meter_start_wh=700)
    world.clock.advance(minutes=1)
    await world.end(opened.transaction_id, meter_stop_wh=900)
    await world.run_jobs()
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.evse_id, session.energy_wh) == (SessionState.REVIEW, None, 200)
    assert session.suspect_reason == "started at an EVSE that is not known"
