"""The server's side of the demo's chargers: starts their process, asks a station what its meter says, ends it.

The chargers' work stays out of the server's event loop. They know the server by its OCPP address alone.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from app.kit.errors import VoltlaneError

_STOP_S = 5.0
_ANSWER_S = 10.0
_LINE_BYTES = 1 << 20


class FleetError(VoltlaneError):
    """The chargers' process ended or a station did not do what it was told."""


@dataclass(frozen=True, slots=True)
class StationSpec:
    """A simulated station; power in W, the meter's first reading in Wh."""

    identity: str
    url: str
    version: Literal["1.6", "2.0.1"]
    password: str
    connectors: int
    max_power_w: int
    meter_start_wh: int
    speed: int


@dataclass(frozen=True, slots=True)
class MeteredTransaction:
    """A finished charge by the station's own meter: the import register in Wh at its begin and end."""

    meter_start_wh: int
    meter_stop_wh: int

    @property
    def energy_wh(self) -> int:
        """The energy delivered."""
        return self.meter_stop_wh - self.meter_start_wh


class Fleet:
    """The chargers' process; an async context manager that leaves no process behind."""

    def __init__(self, stations: Sequence[StationSpec]) -> None:
        self._stations = stations
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.server.demo.stations",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            # Ctrl-C is for the server, which ends the chargers itself.
            start_new_session=True,
        )
        await self._write(json.dumps([asdict(station) for station in self._stations]))
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._running()
        assert process.stdin is not None
        process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_S)
        if process.returncode is None:
            process.kill()
            await process.wait()

    async def last_transaction(self, identity: str) -> MeteredTransaction:
        """Return a station's newest charge. Raises FleetError where there is none or it has not ended."""
        transactions = (await self._ask(f"{identity} state"))["transactions"]
        if not transactions or transactions[-1]["meter_stop_wh"] is None:
            raise FleetError(f"{identity} has not finished a charge")
        newest = transactions[-1]
        return MeteredTransaction(newest["meter_start_wh"], newest["meter_stop_wh"])

    async def _ask(self, line: str) -> dict[str, Any]:
        async with self._asking:
            await self._write(line)
            stdout = self._running().stdout
            assert stdout is not None
            raw = await asyncio.wait_for(stdout.readline(), _ANSWER_S)
        if not raw:
            raise FleetError("the chargers' process has ended")
        answer = json.loads(raw)
        if not answer["ok"]:
            raise FleetError(f"{answer['command']}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def _write(self, line: str) -> None:
        stdin = self._running().stdin
        assert stdin is not None
        stdin.write(line.encode() + b"\n")
        try:
            await stdin.drain()
        except ConnectionError as error:
            raise FleetError("the chargers' process has ended") from error

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise FleetError("the chargers' process was not started")
        return self._process
