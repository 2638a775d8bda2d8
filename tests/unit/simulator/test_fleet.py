"""Many stations at once, random drivers, and stations as processes of their own that are stopped or killed."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from ocpp_bridge.simulator import SimulatedStation, StationConfig, run_fleet
from ocpp_bridge.simulator.fleet import Autoplay, fleet_configs
from tests.unit.simulator import story
from tests.unit.simulator.fake_csms import FakeCsms


@asynccontextmanager
async def process(csms: FakeCsms, *arguments: str) -> AsyncIterator[Process]:
    """Run the simulator as a process; it is killed on leaving if it still lives."""
    command = [sys.executable, "-m", "ocpp_bridge.simulator", "--url", csms.url, "--version", csms.version]
    child = await asyncio.create_subprocess_exec(*command, *arguments, stdin=PIPE, stdout=PIPE)
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        assert child.stdin is not None
        child.stdin.close()
        await child.communicate()


async def tell(child: Process, line: str) -> dict[str, Any]:
    """Send one line to a controlled station and return its answer."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{line}\n".encode())
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(child.stdout.readline(), 20))
    return answer


async def test_fleet_connects_every_station(csms: FakeCsms) -> None:
    seen: list[SimulatedStation] = []
    configs = fleet_configs(csms.url, 12, csms.version, "DE*", "secret", first=3)
    fleet = asyncio.create_task(run_fleet(configs, on_started=seen.extend))
    await csms.until(lambda: len(csms.of("BootNotification")) == 12)
    assert sorted(csms.credentials) == [f"DE*{number:04d}:secret" for number in range(3, 15)]
    await asyncio.gather(*(station.wait_for(lambda s: s.online) for station in seen))
    fleet.cancel()
    with suppress(asyncio.CancelledError):
        await fleet


async def test_random_drivers_charge_again_and_again(csms: FakeCsms) -> None:
    configs = [StationConfig("CP-1", csms.url, csms.version, connectors=2, speed=50, sample_interval_s=5)]
    drivers = Autoplay(tokens=("A", "B"), mean_idle_s=1, mean_charge_s=5)
    fleet = asyncio.create_task(run_fleet(configs, autoplay=drivers))
    await csms.until(lambda: len(story.stops(csms)) >= 4, timeout_s=20)
    fleet.cancel()
    with suppress(asyncio.CancelledError):
        await fleet
    assert {story.reason(csms, n) for n in range(4)} == {"Local"}


@pytest.mark.timeout(60)
async def test_process_is_driven_by_lines_and_killed(csms: FakeCsms) -> None:
    async with process(csms, "--control", "--identity", "CP-9", "--sample-interval", "0.1") as child:
        assert await tell(child, "wait_online") == {"command": "wait_online", "ok": True, "result": None}
        assert (await tell(child, "plug_in 1"))["ok"]
        assert (await tell(child, "present_token 1 04AABBCC"))["result"] == "Accepted"
        await csms.until(lambda: len(story.samples(csms)) >= 2)
        state = (await tell(child, "state"))["result"]
        assert state["transactions"][0]["active"]
        assert not (await tell(child, "plug_in 5"))["ok"]
        assert not (await tell(child, "dance"))["ok"]
        child.kill()
        assert await child.wait() == -signal.SIGKILL
    assert story.stops(csms) == []


@pytest.mark.timeout(60)
async def test_fleet_process_stops_cleanly_on_interrupt(csms_v16: FakeCsms) -> None:
    async with process(csms_v16, "--stations", "3", "--prefix", "SIM") as child:
        await csms_v16.until(lambda: len(csms_v16.of("StatusNotification")) == 6, timeout_s=20)
        child.send_signal(signal.SIGINT)
        assert child.stdout is not None
        output = (await asyncio.wait_for(child.stdout.read(), 20)).decode().splitlines()
        assert await child.wait() == 0
    assert output[-1] == "stopped"
