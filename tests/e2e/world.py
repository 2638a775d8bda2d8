"""A running installation for the kill tests: doubles, server, a charger of ours, a driver with a card, and eyes on the
rows.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.embedded import APP_ROLE, DATABASE
from app.db.tables import Tenant
from app.db.tenants import tenant_by_slug
from app.db.uow import Database
from app.domain.stations.charger_credentials import hash_charger_password
from app.domain.stations.normalise import normalise_evse_code
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Charger, Evse
from app.server.demo.client import ApiClient
from ocpp_bridge.simulator import Behaviour, SimulatedStation, StationConfig
from payments.stripe.double.admin_client import StripeDoubleAdmin
from tests.e2e.processes import ServerProcess
from tests.factories.network import Network, network

CHARGER_PASSWORD = "CHARGERPASSWORD1"
PRICE_PER_KWH_MINOR = 59

SIGN_UP = """mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) { tokens { accessToken } userErrors { code message } } }"""
CARD_SETUP = """mutation CardSetup {
  startCardSetup { setupId clientSecret userErrors { code message } } }"""
CARD_DONE = """mutation CardDone($input: CompleteCardSetupInput!) {
  completeCardSetup(input: $input) { paymentMethod { last4 } userErrors { code message } } }"""
START = """mutation Start($input: StartChargingInput!) {
  startCharging(input: $input) { session { id state failure { code } } clientSecret userErrors { code message } } }"""
STOP = """mutation Stop($input: StopChargingInput!) {
  stopCharging(input: $input) { session { id state stopPending } userErrors { code message } } }"""
ACTIVE = "query Active { activeSession { id state energyWh stopPending } }"
EVSE_BY_CODE = "query Evse($code: String!) { evseByCode(code: $code) { id status } }"
SESSION = """query Session($id: ID!) {
  session(id: $id) { id state energyWh failure { code } receipt { number gross { amountMinor } } } }"""
_LEDGER = """
select coalesce(sum(e.amount_minor) filter (where e.account = 'PROCESSOR'), 0),
       coalesce(sum(e.amount_minor) filter (where e.account = 'DRIVER_RECEIVABLE'), 0),
       coalesce(sum(e.amount_minor), 0)
from ledger_entries e join ledger_transactions t on t.id = e.transaction_id where t.session_id = :id
"""


@dataclass
class World:
    """One installation with one brand, one charger and one driver."""

    server: ServerProcess
    database: Database
    tenant: Tenant
    network: Network
    identity: str
    evse_code: str
    version: str

    def station(self, *, url_base: str | None = None, **behaviour: Any) -> SimulatedStation:
        """Return the charger, not connected yet; at most one may run."""
        return SimulatedStation(
            StationConfig(
                identity=self.identity,
                url_base=url_base or self.server.ocpp_url,
                password=CHARGER_PASSWORD,
                version=self.version,  # type: ignore[arg-type]
                max_power_w=600_000,
                sample_interval_s=1,
                reconnect_first_s=0.3,
                reconnect_max_s=1,
                behaviour=Behaviour(sample_interval_read_only=True, auto_unplug_after_stop_s=1, **behaviour),
            )
        )

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Return rows as the server's role sees them for the brand."""
        async with self.database.read(self.tenant.id) as session:
            return list((await session.execute(text(query), parameters)).all())

    async def row(self, query: str, **parameters: Any) -> Any:
        """Return the one row of a query."""
        found = await self.rows(query, **parameters)
        assert len(found) == 1, found
        return found[0]

    async def until(self, what: str, condition: Callable[[], Awaitable[Any]], timeout_s: float = 40) -> Any:
        """Wait until a condition holds; return what it gave."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = await condition()
            if found:
                return found
            await asyncio.sleep(0.1)
        sessions = await self.rows("select state, failure, energy_wh, stop_requested_at from charging_sessions")
        payments = await self.rows("select state, intent_id, captured_minor from payments")
        jobs = await self.rows("select entrypoint, status, attempts from pgqueuer")
        raise AssertionError(f"not in time: {what}; {sessions=} {payments=} {jobs=}\n{self.server.tail()}")

    async def session_in(self, state: str, timeout_s: float = 40) -> Any:
        """Wait until the charger's one session is in a state; return its row."""

        async def there() -> Any:
            found = await self.rows(
                "select * from charging_sessions where state = :state and charger_id = :charger",
                state=state,
                charger=self.network.charger_id,
            )
            return found[0] if found else None

        return await self.until(f"session in {state}", there, timeout_s)

    async def available(self) -> None:
        """Wait until the charger's EVSE can be used."""

        async def there() -> Any:
            return await self.rows(
                "select 1 from evses where status = 'AVAILABLE' and charger_id = :charger",
                charger=self.network.charger_id,
            )

        await self.until("EVSE available", there)

    async def energy_above(self, energy_wh: int) -> None:
        """Wait until a stored session has more energy."""

        async def there() -> Any:
            return await self.rows(
                "select 1 from charging_sessions where energy_wh > :wh and charger_id = :charger",
                wh=energy_wh,
                charger=self.network.charger_id,
            )

        await self.until(f"more than {energy_wh} Wh", there)

    @asynccontextmanager
    async def stripe(self) -> AsyncIterator[StripeDoubleAdmin]:
        """The imitated card processor's own view."""
        async with StripeDoubleAdmin(self.server.stripe.url or "") as admin:
            yield admin


@dataclass
class Driver:
    """A signed-up driver's app."""

    api: ApiClient
    evse_id: str

    async def start(self, **changes: Any) -> dict[str, Any]:
        """Start charging; raises RefusedError with the error's code."""
        given = {"evseId": self.evse_id, "idempotencyKey": str(uuid4())} | changes
        return await self.api.mutate(START, input=given)

    async def stop(self, session_id: str) -> dict[str, Any]:
        """Stop charging."""
        return await self.api.mutate(STOP, input={"sessionId": session_id, "idempotencyKey": str(uuid4())})


async def open_world(server: ServerProcess, version: str) -> World:
    """Look into the running server's database and add a charger to it."""
    socket_dir = server.data_dir / "postgres"
    database = Database(
        create_async_engine(f"postgresql+asyncpg://{APP_ROLE}@/{DATABASE}?host={socket_dir}", pool_pre_ping=True)
    )
    tenant = await tenant_by_slug(database, "default")
    identity = f"CP-{uuid4().hex[:8]}"
    code = f"DE*VLT*E{uuid4().hex[:6].upper()}"
    made = await network(
        database, tenant, identity=identity, connected=False, max_power_w=600_000, status=EvseStatus.UNKNOWN
    )
    async with database.unit_of_work(tenant.id) as uow:
        charger = await uow.session.get_one(Charger, made.charger_id)
        charger.password_hash = hash_charger_password(CHARGER_PASSWORD)
        evse = await uow.session.get_one(Evse, made.evse)
        evse.evse_code = code
        evse.code_normalized = normalise_evse_code(code)
    return World(server, database, tenant, made, identity, code, version)


async def sign_up(world: World, card: str = "pm_card_visa") -> Driver:
    """Sign a new driver up and save a card as the app's payment sheet does."""
    api = ApiClient(world.server.url)
    given = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
    api.token = (await api.mutate(SIGN_UP, input=given))["tokens"]["accessToken"]
    setup = await api.mutate(CARD_SETUP)
    await confirm_setup(world, setup["clientSecret"], card)
    await api.mutate(CARD_DONE, input={"setupId": setup["setupId"]})
    evse = (await api.execute(EVSE_BY_CODE, code=world.evse_code))["evseByCode"]
    return Driver(api, evse["id"])


async def confirm_setup(world: World, client_secret: str, card: str) -> None:
    """Confirm a SetupIntent with the publishable key, as the processor's SDK does on the phone."""
    intent_id = client_secret.split("_secret_", maxsplit=1)[0]
    async with httpx.AsyncClient(base_url=world.server.stripe.url or "", trust_env=False) as http:
        answer = await http.post(
            f"/v1/setup_intents/{intent_id}/confirm",
            data={"client_secret": client_secret, "payment_method": card},
            headers={"authorization": "Bearer pk_test_voltlane_double"},
        )
        answer.raise_for_status()


def data_folder(path: Path) -> Path:
    """Make a folder that the embedded database's own user may enter."""
    path.mkdir(parents=True)
    path.chmod(0o755)
    return path


async def billed(world: World, session_id: UUID) -> dict[str, int]:
    """Return everything that was billed for a session, from each book that knows it, in minor units or Wh."""
    session = await world.row("select energy_wh, cost_gross_minor from charging_sessions where id = :id", id=session_id)
    payment = await world.row("select captured_minor, hold_minor from payments where session_id = :id", id=session_id)
    receipt = await world.row(
        "select gross_minor from billing_documents where session_id = :id and kind = 'RECEIPT'", id=session_id
    )
    ledger = await world.row(_LEDGER, id=session_id)
    async with world.stripe() as stripe:
        intents = [intent for intent in await stripe.intents() if intent["metadata"].get("session") == str(session_id)]
    return {
        "energy_wh": session[0],
        "cost": session[1],
        "captured": payment[0],
        "receipt": receipt[0],
        "ledger_processor": int(ledger[0]),
        "ledger_receivable": int(ledger[1]),
        "ledger_sum": int(ledger[2]),
        "intents": len(intents),
        "stripe_received": sum(intent["amount_received"] for intent in intents),
    }
