"""Many stations in one process, and the body of `voltlane simulate`."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from ocpp_bridge.simulator.autoplay import Driver
from ocpp_bridge.simulator.config import OcppVersion, StationConfig
from ocpp_bridge.simulator.station import SimulatedStation

_STAGGER_S = 0.02
_REPORT_EVERY_S = 1.0
_IDENTITY_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Autoplay:
    """A random driver's life on every connector: the tokens presented and the mean waits in seconds before
    `speed`.
    """

    tokens: Sequence[str] = ("SIMULATOR-DRIVER",)
    mean_idle_s: float = 60
    mean_charge_s: float = 300


async def run_fleet(
    configs: Iterable[StationConfig],
    *,
    autoplay: Autoplay | None = None,
    on_started: Callable[[Sequence[SimulatedStation]], None] | None = None,
) -> None:
    """Run a station for each configuration until cancelled.

    Stations dial one after another, so that a CSMS is not stormed. `on_started` receives the stations before
    they connect.
    """
    stations = [SimulatedStation(config) for config in configs]
    if on_started is not None:
        on_started(stations)
    async with asyncio.TaskGroup() as group:
        for station in stations:
            group.create_task(station.run())
            if autoplay is not None:
                for connector in station.connectors:
                    driver = Driver(station, connector.number, autoplay.tokens)
                    group.create_task(driver.live(autoplay.mean_idle_s, autoplay.mean_charge_s))
            await asyncio.sleep(_STAGGER_S)


def fleet_configs(
    url: str,
    stations: int,
    version: OcppVersion,
    identity_prefix: str,
    password: str | None,
    *,
    first: int = 1,
    connectors: int = 1,
    max_power_w: int = 150_000,
    speed: Decimal | int = 1,
) -> list[StationConfig]:
    """Return configurations with the identities prefix0001, prefix0002 and so on, counted from `first`."""
    return [
        StationConfig(
            identity=f"{identity_prefix}{number:0{_IDENTITY_DIGITS}d}",
            url_base=url,
            version=version,
            password=password,
            connectors=connectors,
            max_power_w=max_power_w,
            serial=f"SIM-{number:04d}",
            speed=speed,
        )
        for number in range(first, first + stations)
    ]


def simulate_command(
    url: str,
    stations: int,
    version: OcppVersion,
    identity_prefix: str,
    password: str | None = None,
    *,
    connectors: int = 1,
    max_power_w: int = 150_000,
    speed: Decimal | int = 1,
    autoplay: Autoplay | None = None,
    report: Callable[[str], None] = lambda _line: None,
) -> int:
    """Run a fleet until SIGINT or SIGTERM and return the exit code 0; `report` receives a line whenever the
    count changes.

    All stations use one password. Raises ValueError for values no station can have.
    """
    configs = fleet_configs(
        url,
        stations,
        version,
        identity_prefix,
        password,
        connectors=connectors,
        max_power_w=max_power_w,
        speed=speed,
    )
    asyncio.run(_until_signalled(configs, autoplay, report))
    return 0


async def _until_signalled(
    configs: Sequence[StationConfig], autoplay: Autoplay | None, report: Callable[[str], None]
) -> None:
    watched: list[SimulatedStation] = []
    fleet = asyncio.create_task(run_fleet(configs, autoplay=autoplay, on_started=watched.extend))
    watch = asyncio.create_task(_watch(watched, report))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, fleet.cancel)
    with suppress(asyncio.CancelledError):
        await fleet
    watch.cancel()
    report("stopped")


async def _watch(stations: Sequence[SimulatedStation], report: Callable[[str], None]) -> None:
    last = ""
    while True:
        online = sum(station.online for station in stations)
        charging = sum(c.charging for station in stations for c in station.connectors)
        refused = {r for station in stations if (r := station.connection.refusal) is not None}
        note = f", refused with HTTP {', '.join(map(str, sorted(refused)))}" if refused else ""
        line = f"{online} of {len(stations)} stations online, {charging} charging{note}"
        if line != last:
            report(line)
            last = line
        await asyncio.sleep(_REPORT_EVERY_S)
