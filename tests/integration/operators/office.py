"""An operator at work: the operators' documents, and the rows and audit entries they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select, text

from app.db.base import Base
from app.db.tables import AuditEntry, Tenant
from app.domain.charging.states import SessionState, StartMethod
from app.domain.charging.tables import ChargingSession, Incident, IncidentKind
from app.domain.pricing.store import freeze
from app.domain.pricing.tables import TariffRow
from app.kit.ids import new_id
from bff.ids import global_id, split_id
from tests.factories.world import World
from tests.integration.bff.api import Answer, Api

R = TypeVar("R")
NOBODYS = frozenset({"refresh_tokens", "attempt_counters", "pgqueuer"})
"""Tables that signing in and reading may change."""


@dataclass
class Office:
    """An API and the token of who works at it."""

    api: Api
    token: str

    @property
    def world(self) -> World:
        """The charging world behind the API."""
        return self.api.world

    async def run(self, name: str, /, **variables: Any) -> Any:
        """Execute a query's document; return its only field."""
        answer = (await self.api.run(name, token=self.token, **variables)).data
        (value,) = answer.values()
        return value

    async def do(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Execute a mutation's document with an input (or only an `id`); return its payload, which has no errors."""
        payload = await self.attempt(name, **given)
        assert payload["userErrors"] == [], payload
        return payload

    async def attempt(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Execute a mutation's document; return its payload."""
        answer = await self.send(name, **given)
        (payload,) = answer.data.values()
        assert isinstance(payload, dict)
        return payload

    async def refused(self, name: str, /, **given: Any) -> str:
        """Execute a mutation that must be refused; return the error's code."""
        payload = await self.attempt(name, **given)
        assert all(value is None for key, value in payload.items() if key != "userErrors"), payload
        (error,) = payload["userErrors"]
        return str(error["code"])

    async def send(self, name: str, /, **given: Any) -> Answer:
        """Execute a mutation's document."""
        variables = given if set(given) == {"id"} and name in BY_ID else {"input": given}
        return await self.api.run(name, token=self.token, **variables)

    async def one(self, query: Select[R], tenant: Tenant | None = None) -> R:
        """Return the only row of a query, as stored."""
        (row,) = await self.all(query, tenant)
        return row

    async def all(self, query: Select[R], tenant: Tenant | None = None) -> Sequence[R]:
        """Return the rows of a query, as stored."""
        async with self.world.app.read((tenant or self.world.tenant).id) as session:
            return (await session.scalars(query)).all()

    async def count(self, table: type[Base]) -> int:
        """Return how many rows of the brand a table has."""
        async with self.world.app.read(self.world.tenant.id) as session:
            return int(await session.scalar(select(func.count()).select_from(table)) or 0)

    async def audited(self, operation: str) -> AuditEntry:
        """Return the only audit entry of an operation."""
        return await self.one(select(AuditEntry).where(AuditEntry.operation == operation))

    async def audits(self, operation: str) -> int:
        """Return how many audit entries an operation has."""
        return len(await self.all(select(AuditEntry).where(AuditEntry.operation == operation)))

    async def fingerprint(self, tenant: Tenant | None = None) -> dict[str, str]:
        """Return a digest of every row of the brand by table."""
        found: dict[str, str] = {}
        async with self.world.app.read((tenant or self.world.tenant).id) as session:
            for table in Base.metadata.sorted_tables:
                if "tenant_id" in table.c and table.name not in NOBODYS:
                    digest = f"select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table.name} t"
                    found[table.name] = str(await session.scalar(text(digest)))
        return found

    async def session(self, state: SessionState, **columns: Any) -> UUID:
        """Add a session of the world's driver at the first EVSE, with a frozen price."""
        net = self.world.net
        async with self.world.app.unit_of_work(self.world.tenant.id) as uow:
            tariff = await uow.session.get_one(TariffRow, net.tariff_id)
            snapshot = await freeze(uow, tariff)
            given: dict[str, Any] = {
                "start_method": StartMethod.APP,
                "driver_id": self.world.driver,
                "charger_id": net.charger_id,
                "evse_id": net.evse,
                "location_id": net.location_id,
                "time_zone": "Europe/Berlin",
                "currency": "EUR",
                "tariff_snapshot_id": snapshot.id,
            }
            row = ChargingSession(state=state, **given | columns)
            uow.session.add(row)
            await uow.session.flush()
            return row.id

    async def incident(self, kind: IncidentKind = IncidentKind.UNKNOWN_STOP, **columns: Any) -> UUID:
        """Add an open incident."""
        async with self.world.app.unit_of_work(self.world.tenant.id) as uow:
            given = {"dedupe_key": f"{kind.value}:{new_id()}", "detail": {"idTag": "04A2B3C4", "meterStop": 12}}
            row = Incident(kind=kind, **given | columns)
            uow.session.add(row)
            await uow.session.flush()
            return row.id

    @property
    def charger_id(self) -> str:
        """The global id of the network's charger."""
        return global_id("Charger", self.world.net.charger_id)

    @property
    def location_id(self) -> str:
        """The global id of the network's location."""
        return global_id("AdminLocation", self.world.net.location_id)

    @property
    def evse_id(self) -> str:
        """The global id of the network's first EVSE."""
        return global_id("AdminEvse", self.world.net.evse)

    @property
    def connector_id(self) -> str:
        """The global id of the first EVSE's connector."""
        return global_id("AdminConnector", self.world.net.connectors[0])


BY_ID = frozenset(
    {
        "OperatorArchiveTariff",
        "OperatorBlockIdToken",
        "OperatorDisableOperator",
        "OperatorEnableOperator",
        "OperatorRemoveIdToken",
        "OperatorUnblockIdToken",
        "OperatorWaiveDebt",
    }
)
"""Mutations that take nothing but an id."""


def row_of(node: dict[str, Any]) -> UUID:
    """Return the row id of an answered object."""
    return split_id(node["id"])[1]


def code_of(answer: Answer) -> str | None:
    """Return the code of an answer's only error, top-level or a mutation's own; None for an answer without."""
    if "errors" in answer.body:
        return answer.code
    for value in answer.body["data"].values():
        if isinstance(value, dict) and value.get("userErrors"):
            return str(value["userErrors"][0]["code"])
    return None
