"""The sockets of this process, one a charger: the newest."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from ocpp_bridge.connection import Connection


class LocalRegistry:
    """Connections by charger."""

    def __init__(self) -> None:
        self._connections: dict[UUID, Connection] = {}
        self._take_over: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)

    def __iter__(self) -> Iterator[Connection]:
        """Yield every connection."""
        yield from list(self._connections.values())

    def __len__(self) -> int:
        """Return how many chargers are connected here."""
        return len(self._connections)

    def get(self, charger_id: UUID) -> Connection | None:
        """Return the charger's connection, if it is here."""
        return self._connections.get(charger_id)

    def turn(self, charger_id: UUID) -> asyncio.Lock:
        """Return the lock under which sockets of one charger take over from each other."""
        return self._take_over[charger_id]

    def attach(self, connection: Connection) -> None:
        """Make a connection the charger's."""
        self._connections[connection.station.charger_id] = connection

    def detach(self, connection: Connection) -> bool:
        """Forget a connection; return whether it still was the charger's."""
        charger_id = connection.station.charger_id
        if self._connections.get(charger_id) is not connection:
            return False
        del self._connections[charger_id]
        return True
