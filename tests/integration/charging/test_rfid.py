"""A charge that begins with a card at the charger: who may, who may not, and what of refused ones that charge."""

from datetime import timedelta

import pytest

from app.db.tables import Tenant
from app.domain.charging.states import Authorization, SessionState, StartMethod, StopReason
from app.domain.charging.tables import ChargingSession
from app.domain.drivers.tables import IdToken
from app.domain.pricing.tables import TariffRow
from app.domain.stations.tables import Location
from app.kit.errors import ConflictError
from tests.factories.drivers import driver, id_token
from tests.factories.messages import started
from tests.factories.world import World
from tests.fakes.payments import DECLINED, UNKNOWN

CARD = "04A2B3C4D5"


async def test_a_card_starts_at_once_and_the_hold_follows_off_session(world: World) -> None:
    token = await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    assert await world.authorize(CARD.lower()) is Authorization.ACCEPTED
    opened = await world.open(id_token=CARD.lower(), meter_start_wh=0)
    assert opened.authorization is Authorization.ACCEPTED
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.start_method, session.id_token_id) == (
        SessionState.ACTIVE,
        StartMethod.RFID,
        token,
    )
    assert (session.driver_id, session.currency, session.historical) == (world.driver, "EUR", False)
    assert session.tariff_snapshot_id is not None
    assert await world.run_jobs() == ["session.hold"]
    assert world.payments.holds[session.id].off_session
    assert (await world.session(session.id)).hold_minor == 5000
    world.clock.advance(seconds=300)
    await world.end(opened.transaction_id, meter_stop_wh=2000, unplugged=True)
    await world.run_jobs()
    rating = await world.rating(session.id)
    assert rating is not None
    assert rating.gross_minor == 118


@pytest.mark.parametrize(
    ("card", "decision"),
    [
        ({}, Authorization.INVALID),
        ({"blocked": True}, Authorization.BLOCKED),
        ({"expired": True}, Authorization.EXPIRED),
        ({"disabled": True}, Authorization.BLOCKED),
        ({"no_credit": True}, Authorization.NO_CREDIT),
        ({"nobody": True}, Authorization.INVALID),
    ],
)
async def test_a_card_that_may_not_charge_gets_a_real_id_and_is_never_billed(
    world: World, tenant: Tenant, card: dict[str, bool], decision: Authorization
) -> None:
    now = world.clock.now()
    owner = await driver(world.app, tenant, disabled=card.get("disabled", False))
    if card:
        await id_token(
            world.app,
            tenant,
            CARD,
            driver_id=None if card.get("nobody") else owner,
            blocked_at=now if card.get("blocked") else None,
            expires_at=now if card.get("expired") else None,
        )
    if card.get("no_credit"):
        world.standing.refused.add(owner)
    assert await world.authorize(CARD) is decision
    opened = await world.open(id_token=CARD, meter_start_wh=0)
    assert opened.authorization is decision
    assert int(opened.transaction_id) > 100_000
    world.clock.advance(seconds=120)
    await world.end(opened.transaction_id, meter_stop_wh=900)
    await world.run_jobs()
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.energy_wh, session.suspect) == (SessionState.REVIEW, 900, True)
    assert await world.rating(session.id) is None
    assert world.payments.calls["settle"] == 0
    assert "UNKNOWN_TRANSACTION" in await world.incidents()


async def test_a_refused_start_never_touches_the_running_session(world: World) -> None:
    session_id, transaction_id = await world.charging()
    before = await world.session(session_id)
    world.clock.advance(seconds=60)
    refused = await world.open(id_token="UNKNOWN", meter_start_wh=1100)
    assert refused.authorization is Authorization.INVALID
    await world.end(refused.transaction_id, meter_stop_wh=1200)
    after = await world.session(session_id)
    assert (after.state, after.seq) == (SessionState.ACTIVE, before.seq)
    await world.meter(transaction_id, 1500)
    assert (await world.session(session_id)).energy_wh == 500


async def test_one_card_charges_once_at_a_time(world: World) -> None:
    await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    first = await world.open(id_token=CARD)
    world.clock.advance(seconds=30)
    second = await world.open(id_token=CARD, evse_no=2)
    assert second.authorization is Authorization.CONCURRENT_TX
    assert second.transaction_id != first.transaction_id
    assert (await world.rows(ChargingSession))[0].state is SessionState.ACTIVE


async def test_a_refused_transaction_without_a_stop_does_not_block_the_card_for_ever(world: World) -> None:
    card = await id_token(world.app, world.tenant, CARD, driver_id=world.driver, blocked_at=world.clock.now())
    await world.open(id_token=CARD)
    await world.change(IdToken, card, blocked_at=None)
    world.clock.advance(seconds=60)
    opened = await world.open(id_token=CARD, evse_no=2)
    assert opened.authorization is Authorization.ACCEPTED


async def test_a_card_start_on_an_evse_whose_stop_was_lost_settles_the_older_session(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 700)
    last = world.clock.now()
    world.clock.advance(minutes=30)
    await id_token(world.app, world.tenant, CARD, driver_id=await world.new_driver())
    opened = await world.open(id_token=CARD, meter_start_wh=900)
    assert opened.authorization is Authorization.ACCEPTED
    older = await world.session(session_id)
    assert (older.state, older.stop_reason, older.energy_estimated) == (
        SessionState.SETTLING,
        StopReason.STOP_LOST,
        True,
    )
    assert (older.energy_wh, older.energy_ended_at, older.ended_at) == (700, last, last)
    assert await world.incidents() == ["STOP_LOST"]
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 41
    world.clock.advance(minutes=1)
    await world.end(transaction_id, meter_stop_wh=800)
    assert (await world.session(session_id)).energy_wh == 700
    assert await world.incidents() == ["STOP_LOST", "UNUSABLE_MESSAGE"]


async def test_a_lost_stop_that_comes_before_the_bill_replaces_the_estimate_once(world: World) -> None:
    session_id, transaction_id = await world.charging(meter=0)
    await world.meter(transaction_id, 700)
    stopped = world.clock.advance(seconds=60)
    world.clock.advance(minutes=30)
    await id_token(world.app, world.tenant, CARD, driver_id=await world.new_driver())
    await world.open(id_token=CARD, meter_start_wh=900)
    await world.end(transaction_id, at=stopped, meter_stop_wh=900, offline=True)
    session = await world.session(session_id)
    assert (session.energy_wh, session.energy_estimated, session.ended_at) == (900, False, stopped)
    await world.end(transaction_id, at=stopped, meter_stop_wh=950, offline=True)
    assert (await world.session(session_id)).energy_wh == 900
    await world.run_jobs()
    rating = await world.rating(session_id)
    assert rating is not None
    assert rating.gross_minor == 53


async def test_a_queued_charge_of_the_past_stands_beside_the_running_one(world: World) -> None:
    past = world.clock.now() - timedelta(hours=1)
    running_id, running_tx = await world.charging(meter=5000)
    await id_token(world.app, world.tenant, CARD, driver_id=await world.new_driver())
    world.clock.advance(seconds=60)
    opened = await world.open_as(started(past, id_token=CARD, meter_start_wh=1000))
    assert opened.authorization is Authorization.ACCEPTED
    queued = await world.session(opened.session_id) if opened.session_id else None
    assert queued is not None
    assert (queued.historical, queued.state) == (True, SessionState.ACTIVE)
    await world.end(opened.transaction_id, at=past + timedelta(minutes=20), meter_stop_wh=4000)
    await world.run_jobs()
    queued = await world.session(queued.id)
    assert (queued.state, queued.energy_wh) == (SessionState.COMPLETED, 3000)
    assert await world.state(running_id) is SessionState.ACTIVE
    await world.meter(running_tx, 5300)
    assert (await world.session(running_id)).energy_wh == 300


@pytest.mark.parametrize("refusal", ["declined", "no card"])
async def test_a_hold_that_fails_stops_the_charge_and_keeps_what_flowed(world: World, refusal: str) -> None:
    await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    opened = await world.open(id_token=CARD, meter_start_wh=0)
    if refusal == "declined":
        world.payments.will(DECLINED)
    else:
        world.payments.prepare_error = ConflictError("no card is saved")
    assert await world.run_jobs() == ["session.hold", "session.stop_charger"]
    (session,) = await world.rows(ChargingSession)
    assert session.stop_requested_reason is StopReason.DEAUTHORIZED
    world.clock.advance(seconds=30)
    await world.end(opened.transaction_id, meter_stop_wh=100, unplugged=True)
    await world.run_jobs()
    session = await world.session(session.id)
    assert (session.state, session.stop_reason) == (SessionState.COMPLETED, StopReason.DEAUTHORIZED)
    assert world.payments.settled == [session.id]


async def test_an_unknown_hold_raises_so_that_the_job_is_repeated(world: World) -> None:
    await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    await world.open(id_token=CARD)
    world.payments.will(UNKNOWN)
    with pytest.raises(Exception, match="not known yet"):
        await world.run_jobs()
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.stop_requested_at) == (SessionState.ACTIVE, None)


async def test_a_free_card_needs_no_hold_and_pays_nothing(world: World) -> None:
    await id_token(world.app, world.tenant, CARD, free_of_charge=True)
    opened = await world.open(id_token=CARD, meter_start_wh=0)
    assert await world.run_jobs() == []
    await world.meter(opened.transaction_id, 900)
    (session,) = await world.rows(ChargingSession)
    assert (session.cost_gross_minor, session.energy_wh) == (0, 900)
    await world.end(opened.transaction_id, meter_stop_wh=1000)
    await world.run_jobs()
    rating = await world.rating(session.id)
    assert rating is not None
    assert (rating.gross_minor, rating.net_minor, rating.vat_minor) == (0, 0, 0)
    assert rating.exact_gross == 0
    assert (rating.detail["lines"], rating.detail["vat"]) == ([], [])
    assert await world.state(session.id) is SessionState.COMPLETED


async def test_a_card_where_no_price_is_published_is_reviewed_not_billed(world: World) -> None:
    await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    assert world.net.tariff_id is not None
    await world.change(TariffRow, world.net.tariff_id, archived_at=world.clock.now())
    opened = await world.open(id_token=CARD, meter_start_wh=0)
    await world.run_jobs()
    await world.meter(opened.transaction_id, 900)
    await world.end(opened.transaction_id, meter_stop_wh=1000)
    await world.run_jobs()
    (session,) = await world.rows(ChargingSession)
    assert (session.state, session.energy_wh) == (SessionState.REVIEW, 1000)
    assert world.payments.settled == []


async def test_the_time_zone_of_a_card_session_is_its_locations(world: World) -> None:
    await world.change(Location, world.net.location_id, time_zone="Europe/Lisbon")
    await id_token(world.app, world.tenant, CARD, driver_id=world.driver)
    await world.open(id_token=CARD)
    (session,) = await world.rows(ChargingSession)
    assert (session.time_zone, session.location_id) == ("Europe/Lisbon", world.net.location_id)
