"""The demo's chargers: simulated stations of both OCPP versions in a process of their own.

`python -m app.server.demo.stations` reads its fleet as one line of JSON on standard input (so that no password stands
in a process list), then lines `IDENTITY verb arguments…`, each answered by one line of JSON. It ends with its standard
input, and so with its parent, however that died.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ocpp_bridge.simulator import Behaviour, SimulatedStation, StationConfig, run_fleet
from ocpp_bridge.simulator.control import Console

_FAREWELL_S = 2.0
_PLUG_IN_S = 0.5
_CAR_LEAVES_S = 1.0
"""A charged car leaves its place at once, so that the journey ends with the charge."""


def station_config(described: dict[str, Any]) -> StationConfig:
    """Return the configuration of a station from its description in the fleet's line."""
    return StationConfig(
        identity=described["identity"],
        url_base=described["url"],
        version=described["version"],
        password=described["password"],
        connectors=described["connectors"],
        max_power_w=described["max_power_w"],
        serial=described["identity"],
        meter_start_wh=described["meter_start_wh"],
        speed=Decimal(described["speed"]),
        behaviour=Behaviour(plug_in_delay_s=_PLUG_IN_S, auto_unplug_after_stop_s=_CAR_LEAVES_S),
    )


async def run() -> None:
    """Run the fleet until standard input ends."""
    reader = asyncio.StreamReader()
    transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    stations: list[SimulatedStation] = []
    configs = [station_config(described) for described in json.loads(await reader.readline())]
    fleet = asyncio.create_task(run_fleet(configs, on_started=stations.extend))
    try:
        await _obey(reader, stations, fleet)
    finally:
        await _power_down(stations)
        fleet.cancel()
        await asyncio.wait({fleet}, timeout=_FAREWELL_S)
        transport.close()


async def _power_down(stations: Sequence[SimulatedStation]) -> None:
    """End running charges as a station does that loses power, while the server may still hear of it."""
    ended = [
        station
        for station in stations
        for connector in station.connectors
        if station.online and await station.stop_locally(connector.number, "PowerLoss")
    ]
    for station in ended:
        await station.outbox.drained(_FAREWELL_S)


async def _obey(
    reader: asyncio.StreamReader, stations: Sequence[SimulatedStation], fleet: "asyncio.Task[None]"
) -> None:
    while not fleet.done() and (line := (await reader.readline()).decode().strip()):
        identity, _, command = line.partition(" ")
        station = next((station for station in stations if station.config.identity == identity), None)
        if station is None:
            answer: dict[str, Any] = {"command": line, "ok": False, "error": f"no station {identity}"}
        else:
            answer = await Console(station).execute(command)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(run())
