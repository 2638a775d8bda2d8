"""A random driver at one connector: comes, plugs in, presents a token, charges a while, stops, leaves, and
comes again.

A charge that the CSMS started itself (from the app) is left to its owner; the driver only takes the cable out
afterwards.
"""

import asyncio
from collections.abc import Sequence
from random import SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocpp_bridge.simulator.station import SimulatedStation

_RANDOM = SystemRandom()
_PAUSE_S = 5.0


class Driver:
    """One connector's customers."""

    def __init__(self, station: "SimulatedStation", connector: int, tokens: Sequence[str]) -> None:
        """Use `connector` of `station` with one of `tokens` at a time."""
        self._station = station
        self._connector = connector
        self._tokens = tokens

    async def live(self, mean_idle_s: float, mean_charge_s: float) -> None:
        """Charge again and again until cancelled; the means are divided by the station's speed."""
        station, number = self._station, self._connector
        while True:
            await self._wait(mean_idle_s)
            if not station.online or station[number].transaction is not None:
                continue
            if station[number].plugged or not station[number].startable:
                await station.unplug(number)
                continue
            await self._visit(mean_charge_s)

    async def _visit(self, mean_charge_s: float) -> None:
        station, number = self._station, self._connector
        token = _RANDOM.choice(self._tokens)
        await station.plug_in(number, soc=_RANDOM.randint(5, 60))
        if await station.present_token(number, token) == "Accepted":
            await self._wait(mean_charge_s)
            transaction = station[number].transaction
            if transaction is not None and transaction.uid == token:
                await station.present_token(number, token)
        await asyncio.sleep(station.config.scaled(_PAUSE_S))
        if not station[number].charging:
            await station.unplug(number)

    async def _wait(self, mean_s: float) -> None:
        seconds = min(_RANDOM.expovariate(1 / mean_s), 4 * mean_s) if mean_s > 0 else 0
        await asyncio.sleep(max(self._station.config.scaled(seconds), 0.01))
