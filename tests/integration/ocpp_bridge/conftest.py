"""A bridge on a loopback port, a site with chargers, and a client that speaks raw frames."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import structlog
import uvicorn
from litestar import Litestar
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.db.base import TenantRow
from app.db.tables import Tenant
from app.db.uow import Database, UnitOfWork
from app.domain.charging.inbound import Inbound
from app.domain.charging.settings import ChargingSettings
from app.domain.drivers.tables import IdToken
from app.domain.stations.charger_credentials import hash_charger_password
from app.domain.stations.geo import cube_text
from app.domain.stations.tables import Charger, Evse, Location
from app.kit.clock import SystemClock
from app.kit.settings import load_settings
from ocpp_bridge.bridge import Bridge
from ocpp_bridge.config import BridgeConfig
from ocpp_bridge.endpoint import create_ocpp_route

PASSWORD = "CHARGERPASSWORD0123456789ABCDEFG"
TOKEN = "CAFE0001"
CONFIG = BridgeConfig(
    settle_seconds=60, ready_seconds=60, seen_flush_seconds=0.1, sweep_seconds=0.3, drain_seconds=5, idle_seconds=60
)


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Log without drawn tracebacks: drawing one takes seconds, in which nobody is served."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])


class NoNotifier:
    """Tells nobody."""

    async def notify(self, uow: UnitOfWork, **_: Any) -> None:
        """Do nothing."""


class AllMayCharge:
    """Every driver's payment is in order."""

    async def may_charge(self, uow: UnitOfWork, driver_id: UUID) -> bool:
        """Agree."""
        return True


def inbound() -> Inbound:
    """The domain's ports for chargers' reports."""
    return Inbound(clock=SystemClock(), notifier=NoNotifier(), standing=AllMayCharge(), settings=ChargingSettings())


@dataclass
class Site:
    """A location with one charger a version, each with two EVSEs, and a free token."""

    database: Database
    tenant_id: UUID
    location_id: UUID
    chargers: dict[str, UUID]

    async def rows(self, table: type[TenantRow], *where: Any) -> Sequence[Any]:
        """Return stored rows, oldest first."""
        async with self.database.read(self.tenant_id) as session:
            return (await session.scalars(select(table).where(*where).order_by(table.created_at, table.id))).all()

    async def charger(self, identity: str) -> Charger:
        """Return a charger as stored."""
        rows = await self.rows(Charger, Charger.identity == identity)
        assert len(rows) == 1
        charger: Charger = rows[0]
        return charger

    async def change(self, identity: str, **values: Any) -> None:
        """Change a charger's row."""
        async with self.database.unit_of_work(self.tenant_id) as uow:
            charger = await uow.session.get_one(Charger, self.chargers[identity])
            for name, value in values.items():
                setattr(charger, name, value)


@pytest.fixture
async def site(app_db: Database, tenant: Tenant) -> Site:
    """The site of the tests."""
    point = (Decimal("52.520008"), Decimal("13.404954"))
    async with app_db.unit_of_work(tenant.id) as uow:
        location = Location(
            source="test",
            source_id="L1",
            name="Alexanderplatz",
            country="DE",
            latitude=point[0],
            longitude=point[1],
            position=cube_text((float(point[0]), float(point[1]))),
            time_zone="Europe/Berlin",
        )
        uow.session.add(location)
        await uow.session.flush()
        chargers = {}
        for identity in ("CP16", "CP201"):
            charger = Charger(identity=identity, location_id=location.id, password_hash=hash_charger_password(PASSWORD))
            uow.session.add(charger)
            await uow.session.flush()
            chargers[identity] = charger.id
            for number in (1, 2):
                uow.session.add(
                    Evse(
                        location_id=location.id,
                        source_uid=f"{identity}-{number}",
                        charger_id=charger.id,
                        ocpp_evse_no=number,
                        max_power_w=50_000,
                    )
                )
        uow.session.add(IdToken(uid=TOKEN, free_of_charge=True))
    return Site(app_db, tenant.id, location.id, chargers)


class Station:
    """A charger's end of a socket: raw frames."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.number = 0

    async def send(self, frame: Any) -> None:
        """Send a frame: JSON, or text as it is."""
        await self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def receive(self, seconds: float = 5) -> Any:
        """Return the next frame."""
        async with asyncio.timeout(seconds):
            return json.loads(await self.socket.recv())

    async def call(self, action: str, payload: Any, message_id: str | None = None) -> Any:
        """Send a CALL and return its answer's payload, or the error code of a CALLERROR."""
        self.number += 1
        chosen = message_id or f"m{self.number}"
        await self.send([2, chosen, action, payload])
        answer = await self.receive()
        assert answer[1] == chosen
        return answer[2]


def basic(user: str, password: str = PASSWORD) -> dict[str, str]:
    """Return an Authorization header."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@dataclass
class Served:
    """A running bridge."""

    bridge: Bridge
    port: int
    server: uvicorn.Server

    @asynccontextmanager
    async def station(
        self,
        identity: str,
        version: str = "",
        *,
        path: str | None = None,
        headers: dict[str, str] | None = None,
        subprotocols: Sequence[str] | None = None,
    ) -> AsyncIterator[Station]:
        """Connect as a charger."""
        chosen = subprotocols if subprotocols is not None else [version or default_version(identity)]
        async with connect(
            f"ws://127.0.0.1:{self.port}{path or f'/ocpp/default/{identity}'}",
            subprotocols=[Subprotocol(name) for name in chosen] or None,
            additional_headers=basic(identity) if headers is None else headers,
            close_timeout=1,
        ) as websocket:
            yield Station(websocket)


def default_version(identity: str) -> str:
    """Return the subprotocol the tests' chargers speak."""
    return "ocpp1.6" if identity.endswith("16") else "ocpp2.0.1"


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
async def serve(bridge_db: Database) -> AsyncIterator[Serve]:
    """Start bridges; each is drained after the test."""
    running: list[tuple[Served, asyncio.Task[None]]] = []

    async def start(database: Database | None = None, deps: Inbound | None = None, **config: Any) -> Served:
        bridge = Bridge(
            database or bridge_db,
            deps or inbound(),
            load_settings(),
            SystemClock(),
            config=replace(CONFIG, **config),
        )
        await bridge.start()
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(
                Litestar([create_ocpp_route(bridge)]),
                ws="websockets-sansio",
                ws_ping_timeout=None,
                ws_max_size=2**20,
                lifespan="off",
                log_config=None,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)
        served = Served(bridge, listening.getsockname()[1], server)
        running.append((served, task))
        return served

    yield start
    for served, task in running:
        await served.bridge.drain()
        served.server.should_exit = True
        await task


@pytest.fixture
async def served(serve: Serve, site: Site) -> Served:
    """One running bridge beside the site."""
    return await serve()


async def until(check: Callable[[], Awaitable[Any]], seconds: float = 5) -> Any:
    """Wait until a check returns something true; return it."""
    async with asyncio.timeout(seconds):
        while True:
            result = await check()
            if result:
                return result
            await asyncio.sleep(0.02)
