"""An installation as its README sets it up, by commands and the operators' API, and eyes on every book of it."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.embedded import APP_ROLE, DATABASE
from app.db.tenants import tenant_by_slug
from app.db.uow import Database
from payments.stripe.double.admin_client import StripeDoubleAdmin
from tests.e2e.foreign.app import App
from tests.e2e.processes import ServerProcess

PRICE_PER_KWH = "1.99"
_OPERATOR = ("operator@example.org", "an operator's pass phrase")
_SIGN_IN = """mutation($input: SignInOperatorInput!) { signInOperator(input: $input) {
  tokens { accessToken } userErrors { code message } } }"""
_PUBLISH = """mutation($input: PublishTariffInput!) { publishTariff(input: $input) {
  tariff { id isDefault } userErrors { code message } } }"""
_ADD_TOKEN = """mutation($input: AddIdTokenInput!) { addIdToken(input: $input) {
  idToken { id } userErrors { code message } } }"""
_BOOKS = """
select s.state, s.energy_wh, s.cost_gross_minor cost, s.energy_estimated estimated, s.suspect,
  (select json_agg(captured_minor) from payments where session_id = s.id) captured,
  (select json_agg(gross_minor) from billing_documents where session_id = s.id) documents,
  (select sum(amount_minor) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
    where t.session_id = s.id and account = 'PROCESSOR') processor,
  (select sum(amount_minor) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
    where t.session_id = s.id) balance, s.id
from charging_sessions s join chargers c on c.id = s.charger_id where c.identity = :identity"""


@dataclass(frozen=True)
class Added:
    """What `voltlane add-charger` printed about a charger."""

    url: str
    identity: str
    password: str
    evse_code: str


def price(energy_wh: int) -> int:
    """Return the price in cents by hand: rounded once, halves up."""
    return int(Fraction(energy_wh, 1000) * Fraction(PRICE_PER_KWH) * 100 + Fraction(1, 2))


@dataclass
class Installation:
    """A running server, its spare chargers, and its rows."""

    server: ServerProcess
    spare: list[Added]
    apps: list[App] = field(default_factory=list)
    operator: App = field(init=False)

    async def set_up(self) -> None:
        """Sign the operator in and publish the price."""
        self.operator = self._app()
        given = dict(zip(("email", "password"), _OPERATOR, strict=True))
        self.operator.token = (await self.operator.run(_SIGN_IN, input=given))["tokens"]["accessToken"]
        simple = {"energyPerKwh": PRICE_PER_KWH, "vatPercent": "19"}
        await self.operator.run(_PUBLISH, input={"name": "Energy", "simple": simple, "makeDefault": True})

    def charger(self) -> Added:
        """Take a charger that nobody has used."""
        return self.spare.pop()

    async def driver(self) -> App:
        """Sign a driver up and save a card."""
        app = self._app()
        await app.sign_up()
        await app.save_card(self.server.stripe.url or "")
        return app

    async def close(self) -> None:
        """Close what the apps hold open."""
        for app in self.apps:
            await app.http.aclose()

    def _app(self) -> App:
        self.apps.append(App(self.server.url))
        return self.apps[-1]

    async def add_card(self, uid: str, driver: App) -> None:
        """Give a driver an RFID card, by the id that the driver's app shows."""
        await self.operator.run(_ADD_TOKEN, input={"uid": uid, "driverId": driver.driver_id})

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Callable[..., Awaitable[list[Any]]]]:
        """Yield a function that returns a query's rows as the server's own role sees them."""
        folder = self.server.data_dir / "postgres"
        database = Database(create_async_engine(f"postgresql+asyncpg://{APP_ROLE}@/{DATABASE}?host={folder}"))
        tenant = await tenant_by_slug(database, "default")

        async def rows(query: str, **parameters: Any) -> list[Any]:
            async with database.read(tenant.id) as session:
                return list((await session.execute(text(query), parameters)).all())

        try:
            yield rows
        finally:
            await database.dispose()

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Return a query's rows."""
        async with self.database() as rows:
            return await rows(query, **parameters)

    async def assert_billed(self, charger: Added, energy_wh: int, timeout_s: float = 25) -> None:
        """One session, with this energy, and every book says the same price, the processor's own included."""
        async with self.database() as rows:
            deadline = time.monotonic() + timeout_s
            while True:
                found = await rows(_BOOKS, identity=charger.identity)
                if [row.state for row in found] == ["COMPLETED"] or time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.2)
        assert len(found) == 1, found
        (row,) = found
        cents = price(energy_wh)
        assert (row.state, row.energy_wh, row.estimated, row.suspect) == ("COMPLETED", energy_wh, False, False), row
        books = (row.cost, row.captured, row.documents, row.processor, row.balance)
        assert books == (cents, [cents], [cents], cents, 0), books
        async with StripeDoubleAdmin(self.server.stripe.url or "") as stripe:
            mine = [i["amount_received"] for i in await stripe.intents() if i["metadata"].get("session") == str(row.id)]
        assert mine == [cents]


def add_chargers(server: ServerProcess, count: int) -> list[Added]:
    """Register chargers and an operator by the command line."""
    _command(server, "create-operator", "--email", _OPERATOR[0], "--password", _OPERATOR[1])
    printed = _command(server, "add-charger", "FC-", "--count", str(count))
    found = re.findall(r"OCPP URL: +(\S+)\nUser: +(\S+)\nPassword: +(\S+)\nEVSEs: +(\S+)\n", printed)
    return [Added(*row) for row in found]


def _command(server: ServerProcess, *arguments: str) -> str:
    command = [sys.executable, "-m", "app.server.cli", *arguments, "--data-dir", str(server.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
