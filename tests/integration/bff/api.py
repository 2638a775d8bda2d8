"""The API over real HTTP and WebSockets: uvicorn on loopback, the app's own documents, a charging world behind it."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from argon2 import PasswordHasher
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.db.live import LiveUpdates
from app.db.uow import UnitOfWork
from app.domain.drivers.one_time_tokens import OneTimeKeys
from app.domain.drivers.passwords import Passwords
from app.domain.drivers.tables import Driver, OneTimeToken
from app.domain.drivers.tokens import AccessTokens, TokenLifetimes
from app.domain.operators.actor import COMMAND_LINE
from app.domain.operators.create_operator import create_operator
from app.domain.operators.sign_in_operator import sign_in_operator
from app.domain.operators.tables import OperatorRole
from app.kit.settings import Settings
from bff.app import create_graphql_routes
from bff.documents import load_document
from bff.ids import global_id
from bff.services import Services
from payments.deps import PaymentDeps
from tests.factories.world import World

SECRET = "an-installation-secret-of-some-length"
PASSWORD = "correct horse battery"


class Server(uvicorn.Server):
    """uvicorn inside the test's event loop: it leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to pytest."""
        yield


class KeptMails:
    """An `AccountMailer` that remembers the raw tokens by purpose."""

    def __init__(self, keys: OneTimeKeys) -> None:
        self._keys = keys
        self.verifications: list[str] = []
        self.resets: list[str] = []

    async def send_verification(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Keep the link."""
        self.verifications.append(self._keys.raw(token))

    async def send_password_reset(self, uow: UnitOfWork, driver: Driver, token: OneTimeToken) -> None:
        """Keep the link."""
        self.resets.append(self._keys.raw(token))


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers

    @property
    def data(self) -> dict[str, Any]:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def code(self) -> str:
        """The code of the only error."""
        (error,) = self.body["errors"]
        code: str = error["extensions"]["code"]
        return code


@dataclass
class Api:
    """A running API. `run` executes one of the app's documents by name."""

    world: World
    services: Services
    mails: KeptMails
    url: str
    client: httpx.AsyncClient
    _drivers: int = field(default=0)

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, *, token: str | None = None, **headers: str
    ) -> Answer:
        """Send a query text."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await self.client.post(
            "/graphql", json={"query": query, "variables": variables or {}}, headers=names
        )
        return Answer(response.status_code, response.json(), response.headers)

    async def run(
        self, name: str, /, *, token: str | None = None, brand: str | None = None, **variables: Any
    ) -> Answer:
        """Execute a document."""
        headers = {"voltlane_brand": brand} if brand else {}
        return await self.post(load_document(name), variables, token=token, **headers)

    async def do(self, name: str, field_name: str, /, *, token: str | None = None, **given: Any) -> dict[str, Any]:
        """Execute a mutation's document with an input; return its payload."""
        variables: dict[str, Any] = {"input": given} if given else {}
        payload: dict[str, Any] = (await self.run(name, token=token, **variables)).data[field_name]
        return payload

    async def sign_up(self, email: str | None = None, brand: str | None = None) -> tuple[UUID, str]:
        """Open an account over the API; return the driver's row id and an access token."""
        self._drivers += 1
        given = {"email": email or f"driver{self._drivers}@example.com", "password": PASSWORD}
        payload = (await self.run("SignUp", brand=brand, input=given)).data["signUp"]
        assert payload["userErrors"] == []
        token: str = payload["tokens"]["accessToken"]
        return self.services.tokens.verify(token).subject_id, token

    async def operator(self, role: OperatorRole) -> str:
        """Add an operator; return an access token."""
        email = f"{role.value.lower()}@example.com"
        world, services = self.world, self.services
        await create_operator(
            world.app,
            world.tenant.id,
            passwords=services.passwords,
            email=email,
            name="Olga",
            role=role,
            password=PASSWORD,
            actor=COMMAND_LINE,
        )
        signed_in = await sign_in_operator(
            world.app,
            world.tenant.id,
            world.clock,
            passwords=services.passwords,
            tokens=services.tokens,
            email=email,
            password=PASSWORD,
            client_address=None,
        )
        return signed_in.tokens.access_token

    @property
    def evse_id(self) -> str:
        """The global id of the network's first EVSE."""
        return global_id("Evse", self.world.net.evse)

    async def start(self, token: str, key: str = "start-key-1", **given: Any) -> dict[str, Any]:
        """Start a charge; return the payload."""
        return await self.do(
            "StartCharging", "startCharging", token=token, evseId=self.evse_id, idempotencyKey=key, **given
        )

    @asynccontextmanager
    async def socket(self, token: str | None = None, *, init: bool = True, **headers: str) -> AsyncIterator["Socket"]:
        """Open a WebSocket."""
        async with connect(
            self.url.replace("http://", "ws://") + "/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers=headers or None,
            close_timeout=1,
        ) as websocket:
            opened = Socket(websocket)
            if init:
                await opened.init(token)
            yield opened


@dataclass
class Socket:
    """A client of graphql-transport-ws."""

    websocket: ClientConnection

    async def send(self, **message: Any) -> None:
        """Send a message."""
        await self.websocket.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(20):
            message: dict[str, Any] = json.loads(await self.websocket.recv())
            return message

    async def init(self, token: str | None = None) -> None:
        """Introduce the caller and wait for the acknowledgement."""
        await self.send(type="connection_init", payload={"authorization": f"Bearer {token}"} if token else {})
        assert (await self.receive())["type"] == "connection_ack"

    async def subscribe(self, name: str, op: str = "1", **variables: Any) -> None:
        """Subscribe with one of the app's documents."""
        await self.send(type="subscribe", id=op, payload={"query": load_document(name), "variables": variables})

    async def next(self) -> dict[str, Any]:
        """Return the data of the next result's only field."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        value: dict[str, Any]
        (value,) = message["payload"]["data"].values()
        return value

    async def is_silent(self, seconds: float = 0.15) -> bool:
        """Tell whether nothing comes for a while."""
        try:
            async with asyncio.timeout(seconds):
                await self.websocket.recv()
        except TimeoutError:
            return True
        return False


def services_for(world: World, live: LiveUpdates, payments: PaymentDeps, **changes: Any) -> tuple[Services, KeptMails]:
    """Return the API's services over a world."""
    keys = OneTimeKeys(SECRET)
    mails = KeptMails(keys)
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    given: dict[str, Any] = {
        "settings": Settings(secret_key=SECRET, _env_file=None),
        "database": world.app,
        "clock": world.clock,
        "live": live,
        "charging": world.deps,
        "payments": payments,
        "tokens": AccessTokens(SECRET, world.clock, TokenLifetimes(access=timedelta(minutes=15))),
        "passwords": Passwords(hasher, concurrency=4),
        "one_time_keys": keys,
        "mailer": mails,
    }
    return Services(**given | changes), mails


@asynccontextmanager
async def serve(services: Services, mails: KeptMails, world: World) -> AsyncIterator[Api]:
    """Serve the API on a free port of loopback."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Litestar(create_graphql_routes(services), openapi_config=None, logging_config=None),
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    limits = httpx.Limits(max_connections=60)
    try:
        async with httpx.AsyncClient(base_url=url, timeout=20, limits=limits, trust_env=False) as client:
            yield Api(world, services, mails, url, client)
    finally:
        server.should_exit = True
        await task
        listening.close()
