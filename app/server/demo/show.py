"""What happens while the demo's server serves: the world is seeded, chargers connect, the journey plays, an audit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.db.engine import locate_database, open_engine
from app.db.uow import Database
from app.domain.drivers.id_tokens import CardManager, NewIdToken, add_id_token
from app.domain.operators.actor import COMMAND_LINE
from app.kit.clock import SystemClock
from app.kit.errors import VoltlaneError
from app.kit.ids import new_readable_code
from app.kit.settings import Settings
from app.server.demo import operations
from app.server.demo.charge import Charge
from app.server.demo.chargers import CENTRE, DemoCharger
from app.server.demo.client import ApiClient
from app.server.demo.fleet import Fleet, FleetError, StationSpec
from app.server.demo.journey import Driver, Journey
from app.server.demo.screen import Screen
from app.server.demo.seed import OPERATOR_EMAIL, OPERATOR_PASSWORD, World, seed
from app.server.demo.verify import audit_charge, audit_table
from bff.ids import row_id
from payments.stripe.double.admin_client import StripeDoubleAdmin

_ANSWERS_WITHIN_S = 20.0
_CONNECTED_WITHIN_S = 30.0
_POLL_S = 0.25
_PAGE = 100
_CHARGE_S = 60
"""A journey's first charge at speed 1, in seconds."""
_FIRST_METER_WH = 12_345
_POOL = 8


class ServerNotReadyError(VoltlaneError):
    """The demo's server did not come up."""


class Show:
    """Plays once; `exit_code` is 0 once the audit agreed."""

    def __init__(self, screen: Screen, stripe_url: str, *, receipts: Path, once: bool, speed: int) -> None:
        self._screen = screen
        self._stripe_url = stripe_url
        self._receipts = receipts
        self._once = once
        self._speed = speed
        self.exit_code = 1

    async def play(self, settings: Settings) -> None:
        """Play on the server of these settings; returns at the end of the journey with `once`, else serves on."""
        try:
            await self._play(settings)
        except VoltlaneError as error:
            self._screen.say(f"The demo failed: {error}")

    async def _play(self, settings: Settings) -> None:
        await _wait_for_server(settings.base_url)
        async with StripeDoubleAdmin(self._stripe_url) as admin:
            await admin.configure_webhooks(url=f"{settings.base_url}/webhooks/stripe")
        async with _second_pool(settings) as database:
            world = await self._seed(database, settings)
            async with Fleet([self._spec(charger, world, settings) for charger in world.chargers]) as fleet:
                async with ApiClient(settings.base_url) as api:
                    await self._connect(api, world)
                    driver, charges = await self._journey(api, world)
                card = await self._give_card(database, world, driver)
                await self._audit(database, world, fleet, charges)
                if not self._once:
                    self._tell(settings, world, driver, card)
                    await asyncio.Event().wait()

    async def _seed(self, database: Database, settings: Settings) -> World:
        with self._screen.step("A network of real sites") as step:
            world = await seed(database, settings.default_tenant, SystemClock())
            step.fact("Database", f"PostgreSQL in {settings.data_dir}")
            step.fact("Sites", f"{world.sites} from the register of the Bundesnetzagentur (CC BY 4.0)")
            step.fact("Chargers", f"{len(world.chargers)} of our own, OCPP 1.6 and 2.0.1")
        return world

    def _spec(self, charger: DemoCharger, world: World, settings: Settings) -> StationSpec:
        return StationSpec(
            identity=charger.identity,
            url=_ocpp_url(settings, world.tenant_slug),
            version=charger.version,
            password=charger.password,
            connectors=len(charger.evse_codes),
            max_power_w=charger.max_power_w,
            meter_start_wh=_FIRST_METER_WH,
            speed=self._speed,
        )

    async def _connect(self, api: ApiClient, world: World) -> None:
        """Wait until the API shows every charging point of ours as available."""
        with self._screen.step("Chargers connect") as step:
            codes = {code for charger in world.chargers for code in charger.evse_codes}
            center = {"latitude": CENTRE[0], "longitude": CENTRE[1]}
            available: set[str] = set()
            try:
                async with asyncio.timeout(_CONNECTED_WITHIN_S):
                    while not codes <= available:
                        data = await api.execute(operations.NETWORK, center=center, first=_PAGE)
                        evses = [e for edge in data["stationsAround"]["edges"] for e in edge["node"]["evses"]]
                        available = {evse["code"] for evse in evses if evse["status"] == "AVAILABLE"}
                        await asyncio.sleep(_POLL_S)
            except TimeoutError as error:
                raise FleetError(f"only {len(codes & available)} of {len(codes)} charging points came up") from error
            step.fact("Connected", f"{len(world.chargers)} chargers over WebSocket, OCPP 1.6J and 2.0.1")
            step.fact("Available", f"{len(codes)} charging points")

    async def _journey(self, api: ApiClient, world: World) -> tuple[Driver, list[Charge]]:
        journey = Journey(
            api,
            self._screen,
            stripe_url=self._stripe_url,
            chargers=world.chargers,
            receipts=self._receipts,
            charge_s=_CHARGE_S / self._speed,
        )
        return await journey.play()

    async def _give_card(self, database: Database, world: World, driver: Driver) -> str:
        """Give the driver an RFID card, for trying a start at the charger; return its number."""
        given = NewIdToken(
            uid=f"DEMO{new_readable_code(8)}", driver_id=row_id(driver.id, "Driver", "id"), label="Demo card"
        )
        manager = CardManager(admin=COMMAND_LINE)
        return (await add_id_token(database, world.tenant_id, given, manager=manager)).uid

    async def _audit(self, database: Database, world: World, fleet: Fleet, charges: list[Charge]) -> None:
        audits = [await audit_charge(database, world.tenant_id, charge, fleet, self._stripe_url) for charge in charges]
        self._screen.console.print(audit_table(audits))
        self.exit_code = 0 if all(audit.agrees for audit in audits) else 1

    def _tell(self, settings: Settings, world: World, driver: Driver, card: str) -> None:
        with self._screen.step("Try it yourself: Ctrl-C ends everything") as step:
            step.fact("GraphQL IDE", f"{settings.base_url}/graphql")
            step.fact("Driver", f"{driver.email}  {driver.password}")
            step.fact("RFID card", card)
            step.fact("Operator", f"{OPERATOR_EMAIL}  {OPERATOR_PASSWORD}")
            step.fact("OCPP", f"{_ocpp_url(settings, world.tenant_slug)}/IDENTITY")
            step.fact("Stripe double", self._stripe_url)


@asynccontextmanager
async def _second_pool(settings: Settings) -> AsyncIterator[Database]:
    """Open a small pool on the database the server runs on, which stays the server's to stop."""
    urls = await locate_database(settings)
    database = Database(open_engine(urls.app, pool_size=_POOL))
    try:
        yield database
    finally:
        await database.dispose()


def _ocpp_url(settings: Settings, tenant: str) -> str:
    return f"{settings.base_url.replace('http', 'ws', 1)}/ocpp/{tenant}"


async def _wait_for_server(base_url: str) -> None:
    """Return once the server says that it is ready. Raises ServerNotReadyError."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as http:
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                while not await _is_ready(http):  # noqa: ASYNC110  another program's state, to be asked for
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            raise ServerNotReadyError(f"{base_url} was not ready within {_ANSWERS_WITHIN_S:.0f} s") from error


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).is_success
    except httpx.TransportError:
        return False
