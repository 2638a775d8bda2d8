"""Drives one station in a process of its own by lines on standard input, for tests that kill processes and
for trying out.

Each line is a verb and its arguments, e.g. `plug_in 1`, `present_token 1 ABCD`, `drop_connection 5`, `state`.
Each is answered by one line of JSON on standard output.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from ocpp_bridge.simulator.config import StationConfig
from ocpp_bridge.simulator.station import SimulatedStation


class Console:
    """Carries out command lines on one station."""

    def __init__(self, station: SimulatedStation) -> None:
        """Control `station`."""
        self._station = station
        self._verbs: dict[str, Callable[..., Awaitable[Any]]] = {
            "plug_in": lambda connector: station.plug_in(int(connector)),
            "unplug": lambda connector: station.unplug(int(connector)),
            "present_token": lambda connector, uid: station.present_token(int(connector), uid),
            "stop": lambda connector, reason="Local": station.stop_locally(int(connector), reason),
            "suspend_by_ev": lambda connector: station.suspend_by_ev(int(connector)),
            "suspend_by_evse": lambda connector: station.suspend_by_evse(int(connector)),
            "resume": lambda connector: station.resume(int(connector)),
            "fault": lambda connector, code="OtherError": station.fault(int(connector), code),
            "clear_fault": lambda connector: station.clear_fault(int(connector)),
            "drop_connection": lambda seconds="0": station.drop_connection(float(seconds)),
            "go_silent": station.go_silent,
            "speak_again": station.speak_again,
            "wait_online": lambda seconds="30": station.wait_for(lambda s: s.online, float(seconds)),
            "wait_acknowledged": lambda seconds="30": station.outbox.drained(float(seconds)),
            "state": self._state,
        }

    async def execute(self, line: str) -> dict[str, Any]:
        """Carry out one line and return its answer: `ok` with a `result`, or an `error`."""
        verb, *arguments = line.split()
        if verb not in self._verbs:
            return {"command": line, "ok": False, "error": f"unknown command; known: {', '.join(self._verbs)}"}
        try:
            result = await self._verbs[verb](*arguments)
        except (TypeError, ValueError, LookupError, OSError, TimeoutError) as error:
            return {"command": line, "ok": False, "error": str(error) or type(error).__name__}
        return {"command": line, "ok": True, "result": None if result is self._station else result}

    async def _state(self) -> dict[str, Any]:
        station = self._station
        return {
            "online": station.online,
            "queued": len(station.outbox),
            "connectors": [
                {"number": c.number, "status": station.status(c.number), "meter_wh": station.meter_wh(c.number)}
                for c in station.connectors
            ],
            "transactions": [
                {
                    "id": t.id,
                    "connector": t.connector,
                    "uid": t.uid,
                    "active": t.active,
                    "meter_start_wh": t.begin.energy_wh,
                    "meter_stop_wh": None if t.end is None else t.end.energy_wh,
                    "reason": t.reason,
                }
                for t in station.transactions
            ],
        }


async def run_console(config: StationConfig) -> None:
    """Run a station until standard input ends."""
    reader = asyncio.StreamReader()
    transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        async with SimulatedStation(config).running() as station:
            console = Console(station)
            while line := (await reader.readline()).decode().strip():
                sys.stdout.write(json.dumps(await console.execute(line)) + "\n")
                sys.stdout.flush()
    finally:
        transport.close()
