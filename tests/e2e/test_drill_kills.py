"""Drill: the server is killed at random moments of many charges; each is billed once and right, or released whole."""

import asyncio
import random
from functools import partial
from typing import Any

import httpx
import pytest

from app.server.demo.client import ApiError
from tests.e2e.world import ACTIVE, Driver, World, billed

pytestmark = [pytest.mark.drill, pytest.mark.commits, pytest.mark.timeout(1800)]

_ROUNDS = 8


async def _newest(world: World) -> Any:
    found = await world.rows("select * from charging_sessions order by created_at desc limit 1")
    return found[0] if found else None


async def _charge_and_kill(world: World, driver: Driver, chance: random.Random) -> None:
    """Start a charge and kill the server some time after; the answer may be lost with it."""
    starting = asyncio.create_task(driver.start())
    await asyncio.sleep(chance.uniform(0, 9))
    world.server.kill()
    await asyncio.gather(starting, return_exceptions=True)
    await asyncio.sleep(chance.uniform(0, 2))
    world.server.start()


async def _stop_if_active(driver: Driver) -> None:
    active = (await driver.api.execute(ACTIVE))["activeSession"]
    if active is not None and active["state"] == "ACTIVE":
        await driver.stop(active["id"])


async def _over(world: World, driver: Driver) -> Any:
    """Bring the newest session to its end; return its row."""

    async def ended() -> Any:
        try:
            await _stop_if_active(driver)
        except (ApiError, httpx.TransportError):
            return None
        session = await _newest(world)
        return session if session is None or session.state in ("COMPLETED", "FAILED", "CANCELLED") else None

    return await world.until("the session is over", ended, timeout_s=180)


async def test_kills_at_random_moments_lose_nothing(world: World, driver: Driver) -> None:
    chance = random.Random(20261120)
    station = world.station()
    before = None
    async with station.running():
        for _ in range(_ROUNDS):
            await world.available()
            await _charge_and_kill(world, driver, chance)
            if await _newest(world) == before:
                continue  # killed before anything was stored: nothing may be held either
            session = before = await _over(world, driver)
            if session.state == "COMPLETED" and session.energy_wh:
                books = await billed(world, session.id)
                assert books["ledger_receivable"] == books["ledger_sum"] == 0
                assert books["captured"] == books["stripe_received"] == books["ledger_processor"]
            else:
                await world.until("the hold is released", partial(_released, world, session.id), timeout_s=60)
    async with world.stripe() as stripe:
        intents = await stripe.intents()
    assert not [intent for intent in intents if intent["status"] == "requires_capture"]


async def _released(world: World, session_id: Any) -> bool:
    found = await world.rows("select state from payments where session_id = :id", id=session_id)
    return not found or found[0].state in ("RELEASED", "FAILED")
