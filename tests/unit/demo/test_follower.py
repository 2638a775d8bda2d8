"""Following a session: every update once and in order, failures told, silence not waited for without end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.server.demo.charge import Progress
from app.server.demo.client import ApiClient, ApiError
from app.server.demo.follower import ChargeFailedError, Follower


def _update(sequence: int, state: str, energy_wh: int = 0, failure: str | None = None) -> dict[str, Any]:
    told = None if failure is None else {"code": "CARD_DECLINED", "message": failure}
    cost = {"formatted": f"€{energy_wh}"}
    progress = {"sequence": str(sequence), "state": state, "energyWh": str(energy_wh), "powerW": 300_000}
    return {"sessionUpdates": {**progress, "socPercent": 21, "runningCost": cost, "failure": told}}


class _Api(ApiClient):
    """Sends given updates, then an error or nothing more."""

    def __init__(self, *updates: dict[str, Any], error: Exception | None = None) -> None:
        super().__init__("http://127.0.0.1:1")
        self._given = updates
        self._error = error

    async def subscribe(self, document: str, **variables: Any) -> AsyncIterator[dict[str, Any]]:
        assert "sessionUpdates" in document
        for update in self._given:
            yield update
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()


async def test_waits_for_a_state_and_shows_what_came_on_the_way() -> None:
    shown: list[Progress] = []
    async with Follower(_Api(_update(1, "PENDING_CHARGER"), _update(2, "ACTIVE"), _update(3, "ACTIVE", 9)), "s") as f:
        active = await f.until("ACTIVE", within_s=2, show=shown.append)
        assert (active.sequence, [p.sequence for p in shown], f.received) == (2, [1, 2], 2)
        await f.watch(0.05, least_wh=9, within_s=2, show=shown.append)
    assert [p.energy_wh for p in shown] == [0, 0, 9]


async def test_a_failed_session_is_told_in_the_words_for_the_driver() -> None:
    async with Follower(_Api(_update(1, "FAILED", failure="The card was declined.")), "s") as follower:
        with pytest.raises(ChargeFailedError, match=r"FAILED: The card was declined\."):
            await follower.until("ACTIVE", within_s=2)


async def test_an_update_that_comes_twice_is_an_error() -> None:
    async with Follower(_Api(_update(5, "PENDING_CHARGER"), _update(5, "ACTIVE")), "s") as follower:
        with pytest.raises(ChargeFailedError, match="update 5 came after 5"):
            await follower.until("ACTIVE", within_s=2)


async def test_silence_ends_the_wait() -> None:
    async with Follower(_Api(_update(1, "PENDING_CHARGER")), "s") as follower:
        with pytest.raises(ChargeFailedError, match="not ACTIVE within 0 s, but PENDING_CHARGER"):
            await follower.until("ACTIVE", within_s=0.05)


async def test_too_little_energy_is_an_error() -> None:
    async with Follower(_Api(_update(1, "ACTIVE", 10)), "s") as follower:
        with pytest.raises(ChargeFailedError, match="less than 11 Wh"):
            await follower.watch(0.02, least_wh=11, within_s=0.02, show=lambda _: None)


async def test_a_broken_subscription_is_raised_where_updates_are_awaited() -> None:
    async with Follower(_Api(error=ApiError("SessionUpdates broke off")), "s") as follower:
        with pytest.raises(ApiError, match="broke off"):
            await follower.until("ACTIVE", within_s=2)


def test_a_line_shows_energy_power_charge_and_cost_exactly() -> None:
    progress = Progress.of(_update(7, "ACTIVE", 1041)["sessionUpdates"])
    assert progress.line == "ACTIVE      1.041 kWh   300.0 kW   21 %  €1041"
