"""Tokens that come within a running transaction or with its end: answered truly, and never stopping what runs."""

from uuid import UUID

import pytest

from app.domain.charging.states import Authorization, SessionState
from app.domain.charging.tables import QuarantinedMessage
from tests.factories.drivers import id_token
from tests.factories.world import World

TX = "4f6d1c0e-7d3a-4f1e-9a54-1e2b3c4d5e6f"
OWN, OTHERS = "04A2B3C4D5", "04FFEEDDCC"


async def _running(world: World) -> UUID:
    """A charge by app; the driver and somebody else have a card each."""
    await id_token(world.app, world.tenant, OWN, driver_id=world.driver)
    await id_token(world.app, world.tenant, OTHERS, driver_id=await world.new_driver())
    session_id = await world.start()
    await world.run_jobs()
    number = (await world.session(session_id)).remote_start_id
    await world.open(transaction_id=TX, remote_start_id=number, meter_start_wh=0)
    world.clock.advance(minutes=5)
    return session_id


async def _token(world: World, session_id: UUID, which: str) -> str:
    one_time = (await world.session(session_id)).start_token
    assert one_time is not None
    return {"one-time": one_time.lower(), "own": OWN.lower(), "other's": OTHERS, "unknown": "NOBODY"}[which]


ANSWERS = [
    ("one-time", Authorization.ACCEPTED),
    ("own", Authorization.ACCEPTED),
    ("other's", Authorization.INVALID),
    ("unknown", Authorization.INVALID),
]


@pytest.mark.parametrize(("which", "answer"), ANSWERS)
async def test_a_token_in_an_update(world: World, which: str, answer: Authorization) -> None:
    session_id = await _running(world)
    before = await world.session(session_id)
    assert await world.update(TX, id_token=await _token(world, session_id, which)) is answer
    after = await world.session(session_id)
    assert (after.state, after.driver_id, after.stop_requested_at) == (SessionState.ACTIVE, world.driver, None)
    assert after.seq == before.seq


@pytest.mark.parametrize(("which", "answer"), ANSWERS)
async def test_a_token_in_a_stop_never_refuses_the_stop(world: World, which: str, answer: Authorization) -> None:
    session_id = await _running(world)
    token = await _token(world, session_id, which)
    assert await world.end(TX, id_token=token, meter_stop_wh=1000, unplugged=True) is answer
    session = await world.session(session_id)
    assert (session.state, session.energy_wh, session.driver_id) == (SessionState.SETTLING, 1000, world.driver)


async def test_the_token_of_a_refused_transaction_stays_refused(world: World) -> None:
    await id_token(world.app, world.tenant, OWN, driver_id=world.driver, blocked_at=world.clock.now())
    await world.open(transaction_id=TX, id_token=OWN, meter_start_wh=0)
    assert await world.update(TX, id_token=OWN) is Authorization.BLOCKED
    assert await world.update(TX, id_token="NOBODY") is Authorization.INVALID
    assert await world.end(TX, id_token=OWN, meter_stop_wh=0) is Authorization.BLOCKED


async def test_the_card_of_a_free_session_is_its_own_and_a_second_free_card_is_not(world: World) -> None:
    await id_token(world.app, world.tenant, OWN, free_of_charge=True)
    await id_token(world.app, world.tenant, OTHERS, free_of_charge=True)
    await world.open(transaction_id=TX, id_token=OWN, meter_start_wh=0)
    assert await world.update(TX, id_token=OWN) is Authorization.ACCEPTED
    assert await world.update(TX, id_token=OTHERS) is Authorization.INVALID


@pytest.mark.parametrize(("token", "answer"), [(OWN, Authorization.ACCEPTED), ("NOBODY", Authorization.INVALID)])
async def test_an_unknown_stop_is_kept_and_its_token_answered(world: World, token: str, answer: Authorization) -> None:
    await id_token(world.app, world.tenant, OWN, driver_id=world.driver)
    assert await world.end("4711", id_token=token, meter_stop_wh=1000) is answer
    assert len(await world.rows(QuarantinedMessage)) == 1
    assert await world.incidents() == ["UNKNOWN_STOP"]
