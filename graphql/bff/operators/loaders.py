"""Rows that operators' objects show, gathered as the app's are: one statement for each kind, however many objects ask.

They live as long as the operation's own loaders: where those are made anew, these are too.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from app.db.base import TenantRow
from app.db.uow import Database
from app.domain.charging.tables import ChargerCommand, Incident
from app.domain.drivers.tables import Driver
from app.domain.stations.admin.variables import ReportedVariable, variables_of
from app.domain.stations.tables import Charger, Evse
from bff.context import Context
from bff.loaders import Loaders
from payments.tables import BillingDocument, Debt, Refund

R = TypeVar("R", bound=TenantRow)
LAST_COMMANDS = 10
"""How many commands a charger shows without being asked for pages of them."""


class AdminLoaders:
    """The loaders of one operation's admin objects."""

    def __init__(self, database: Database, tenant_id: UUID, *, keep: bool) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._keep = keep
        self.chargers: DataLoader[UUID, Charger | None] = self._by_id(Charger)
        self.drivers: DataLoader[UUID, Driver | None] = self._by_id(Driver)
        self.evses_of_charger = self._grouped(Evse, Evse.charger_id, Evse.ocpp_evse_no)
        self.incidents_of_session = self._grouped(Incident, Incident.session_id, Incident.created_at)
        self.commands_of_session = self._grouped(ChargerCommand, ChargerCommand.session_id, ChargerCommand.created_at)
        self.documents_of_session = self._grouped(
            BillingDocument, BillingDocument.session_id, BillingDocument.issued_at
        )
        self.debts_of_session = self._grouped(Debt, Debt.session_id, Debt.created_at)
        self.refunds_of_payment = self._grouped(Refund, Refund.payment_id, Refund.created_at)
        self.last_commands = DataLoader(load_fn=self._last_commands, cache=keep)
        self.variables = DataLoader(load_fn=self._variables, cache=keep)

    def _by_id(self, table: type[R]) -> DataLoader[UUID, R | None]:
        async def load(ids: list[UUID]) -> Sequence[R | None]:
            async with self._database.read(self._tenant_id) as session:
                rows = {row.id: row for row in await session.scalars(select(table).where(table.id.in_(ids)))}
            return [rows.get(row_id) for row_id in ids]

        return DataLoader(load_fn=load, cache=self._keep)

    def _grouped(self, table: type[R], column: Any, order: Any) -> DataLoader[UUID, list[R]]:
        async def load(ids: list[UUID]) -> Sequence[list[R]]:
            groups: dict[UUID, list[R]] = defaultdict(list)
            async with self._database.read(self._tenant_id) as session:
                for row in await session.scalars(select(table).where(column.in_(ids)).order_by(order, table.id)):
                    groups[getattr(row, column.key)].append(row)
            return [groups[parent] for parent in ids]

        return DataLoader(load_fn=load, cache=self._keep)

    async def _last_commands(self, charger_ids: list[UUID]) -> Sequence[list[ChargerCommand]]:
        newest_first = (ChargerCommand.created_at.desc(), ChargerCommand.id.desc())
        place = func.row_number().over(partition_by=ChargerCommand.charger_id, order_by=newest_first).label("place")
        ranked = select(ChargerCommand, place).where(ChargerCommand.charger_id.in_(charger_ids)).subquery()
        latest = aliased(ChargerCommand, ranked)
        query = select(latest).where(ranked.c.place <= LAST_COMMANDS).order_by(ranked.c.place)
        groups: dict[UUID, list[ChargerCommand]] = defaultdict(list)
        async with self._database.read(self._tenant_id) as session:
            for row in await session.scalars(query):
                groups[row.charger_id].append(row)
        return [groups[charger_id] for charger_id in charger_ids]

    async def _variables(self, charger_ids: list[UUID]) -> Sequence[list[ReportedVariable]]:
        async with self._database.read(self._tenant_id) as session:
            found = await variables_of(session, charger_ids)
        return [found.get(charger_id, []) for charger_id in charger_ids]


_of_operation: WeakKeyDictionary[Loaders, AdminLoaders] = WeakKeyDictionary()


def admin_loaders(context: Context) -> AdminLoaders:
    """Return the operation's admin loaders."""
    made = _of_operation.get(context.loaders)
    if made is None:
        made = AdminLoaders(context.services.database, context.tenant_id, keep=not context.live)
        _of_operation[context.loaders] = made
    return made
