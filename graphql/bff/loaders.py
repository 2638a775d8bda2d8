"""Rows for one operation, gathered: what many fields ask for in one moment is read with one statement.

Each batch opens a short read session of its own, in the operation's brand. Loaders do not judge whose a row is:
rows of a driver are reached through objects that were checked, or through `bff.own`.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from app.db.base import TenantRow
from app.db.uow import Database
from app.domain.charging.tables import ChargingSession
from app.domain.pricing.tables import TariffRow, TariffSnapshot
from app.domain.stations.status import EvseView, evses_of_locations
from app.domain.stations.tables import Evse, Location
from app.kit.clock import Clock
from payments.tables import BillingDocument, DocumentKind, Payment, PaymentMethod

R = TypeVar("R", bound=TenantRow)


class Loaders:
    """The loaders of one operation. With `keep` a row is read once; without, once for each moment it is asked for."""

    def __init__(self, database: Database, clock: Clock, tenant_id: UUID, *, keep: bool) -> None:
        self._database = database
        self._clock = clock
        self._tenant_id = tenant_id
        self._keep = keep
        self.locations: DataLoader[UUID, Location | None] = self._by_id(Location)
        self.sessions: DataLoader[UUID, ChargingSession | None] = self._by_id(ChargingSession)
        self.tariffs: DataLoader[UUID, TariffRow | None] = self._by_id(TariffRow)
        self.snapshots: DataLoader[UUID, TariffSnapshot | None] = self._by_id(TariffSnapshot)
        self.cards: DataLoader[UUID, PaymentMethod | None] = self._by_id(PaymentMethod)
        self.evses_of_location = DataLoader(load_fn=self._evses_of_locations, cache=keep)
        self.evses = DataLoader(load_fn=self._evses, cache=keep)
        self.payments = DataLoader(load_fn=self._payments, cache=keep)
        self.receipts = DataLoader(load_fn=self._receipts, cache=keep)
        self._default_tariff = DataLoader(load_fn=self._default_tariffs, cache=keep)

    async def default_tariff(self) -> TariffRow | None:
        """Return the brand's default tariff."""
        return await self._default_tariff.load("default")

    def _by_id(self, table: type[R]) -> DataLoader[UUID, R | None]:
        async def load(ids: list[UUID]) -> Sequence[R | None]:
            async with self._database.read(self._tenant_id) as session:
                rows = {row.id: row for row in await session.scalars(select(table).where(table.id.in_(ids)))}
            return [rows.get(row_id) for row_id in ids]

        return DataLoader(load_fn=load, cache=self._keep)

    async def _evses_of_locations(self, location_ids: list[UUID]) -> Sequence[list[EvseView]]:
        async with self._database.read(self._tenant_id) as session:
            found = await evses_of_locations(session, location_ids, self._clock.now())
        return [found[location_id] for location_id in location_ids]

    async def _evses(self, evse_ids: list[UUID]) -> Sequence[EvseView | None]:
        async with self._database.read(self._tenant_id) as session:
            views = await evse_views(session, evse_ids, self._clock)
        return [views.get(evse_id) for evse_id in evse_ids]

    async def _payments(self, session_ids: list[UUID]) -> Sequence[Payment | None]:
        return await self._by_session(select(Payment).where(Payment.session_id.in_(session_ids)), session_ids)

    async def _receipts(self, session_ids: list[UUID]) -> Sequence[BillingDocument | None]:
        query = select(BillingDocument).where(
            BillingDocument.session_id.in_(session_ids), BillingDocument.kind == DocumentKind.RECEIPT
        )
        return await self._by_session(query, session_ids)

    async def _by_session(self, query: Any, session_ids: list[UUID]) -> list[Any]:
        async with self._database.read(self._tenant_id) as session:
            rows = {row.session_id: row for row in await session.scalars(query)}
        return [rows.get(session_id) for session_id in session_ids]

    async def _default_tariffs(self, keys: list[str]) -> Sequence[TariffRow | None]:
        async with self._database.read(self._tenant_id) as session:
            row = await session.scalar(select(TariffRow).where(TariffRow.is_default, TariffRow.archived_at.is_(None)))
        return [row for _ in keys]


async def evse_views(session: AsyncSession, evse_ids: Sequence[UUID], clock: Clock) -> dict[UUID, EvseView]:
    """Return EVSEs by id, with connectors, charger and availability; those that do not exist are absent."""
    location_ids = (await session.scalars(select(Evse.location_id).where(Evse.id.in_(evse_ids)).distinct())).all()
    by_location = await evses_of_locations(session, location_ids, clock.now())
    wanted = set(evse_ids)
    return {view.evse.id: view for views in by_location.values() for view in views if view.evse.id in wanted}
