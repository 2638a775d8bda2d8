"""`node`: any object by its global id, for an app's cache.

Each type says here how it is read; what belongs to a driver is read as that driver's own, and is not there for others.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import select
from strawberry import relay

from app.domain.drivers.profile import get_profile
from app.domain.stations.tables import Connector as ConnectorRow
from app.kit.errors import NotFoundError
from bff.access import DriverField, PublicField
from bff.accounts.types import Driver
from bff.cards.types import Debt, PaymentMethod
from bff.context import Context, Info
from bff.fields import query
from bff.ids import global_id, split_id
from bff.notices.types import Device
from bff.own import own_reservation, own_session
from bff.receipts.types import Receipt
from bff.reservations.types import Reservation
from bff.sessions.types import Session
from bff.stations.queries import published_station
from bff.stations.types import Evse
from notifications.tables import Device as DeviceRow
from payments.tables import BillingDocument
from payments.tables import Debt as DebtRow
from payments.tables import PaymentMethod as PaymentMethodRow

Reader = Callable[[Info, UUID], Awaitable[Any]]


async def _station(info: Info, row_id: UUID) -> Any:
    return await published_station(info, global_id("Station", row_id))


async def _evse(info: Info, row_id: UUID) -> Any:
    view = await info.context.loaders.evses.load(row_id)
    location = await info.context.loaders.locations.load(view.evse.location_id) if view else None
    if view is None or location is None or not location.published:
        raise NotFoundError("there is no such thing", field="id")
    return Evse.of(view)


async def _session(info: Info, row_id: UUID) -> Any:
    return Session.of(await own_session(info.context, row_id), info.context)


async def _reservation(info: Info, row_id: UUID) -> Any:
    return Reservation.of(await own_reservation(info.context, row_id))


async def _payment_method(info: Info, row_id: UUID) -> Any:
    return PaymentMethod.of(await _own_row(info.context, PaymentMethodRow, row_id))


async def _debt(info: Info, row_id: UUID) -> Any:
    return Debt.of(await _own_row(info.context, DebtRow, row_id), info.context)


async def _receipt(info: Info, row_id: UUID) -> Any:
    return Receipt.of(await _own_row(info.context, BillingDocument, row_id), info.context)


async def _connector(info: Info, row_id: UUID) -> Any:
    async with info.context.services.database.read(info.context.tenant_id) as session:
        evse_id = await session.scalar(select(ConnectorRow.evse_id).where(ConnectorRow.id == row_id))
    evse = await _evse(info, evse_id) if evse_id else None
    found = next((connector for connector in evse.connectors if connector.id == row_id), None) if evse else None
    if found is None:
        raise NotFoundError("there is no such thing", field="id")
    return found


async def _device(info: Info, row_id: UUID) -> Any:
    return Device.of(await _own_row(info.context, DeviceRow, row_id))


async def _driver(info: Info, row_id: UUID) -> Any:
    context = info.context
    if row_id != context.driver_id:
        raise NotFoundError("there is no such thing", field="id")
    return Driver.of(await get_profile(context.services.database, context.tenant_id, row_id))


async def _own_row(context: Context, table: Any, row_id: UUID) -> Any:
    query_ = select(table).where(table.id == row_id, table.driver_id == context.driver_id)
    async with context.services.database.read(context.tenant_id) as session:
        row = await session.scalar(query_)
    if row is None or getattr(row, "removed_at", None) is not None:
        raise NotFoundError("there is no such thing", field="id")
    return row


_PUBLIC: dict[str, Reader] = {"Station": _station, "Evse": _evse, "Connector": _connector}
_OWN: dict[str, Reader] = {
    "Session": _session,
    "Reservation": _reservation,
    "PaymentMethod": _payment_method,
    "Debt": _debt,
    "Receipt": _receipt,
    "Device": _device,
    "Driver": _driver,
}


@strawberry.type
class NodeQueries:
    """The query."""

    @query(PublicField())
    @staticmethod
    async def node(info: Info, id: strawberry.ID) -> relay.Node | None:  # noqa: A002  the API's name
        """Return an object by its id: a station or charging point, or something of the caller's own."""
        name, row_id = split_id(id)
        if name in _OWN:
            DriverField().check(info.context)
        reader = _PUBLIC.get(name) or _OWN.get(name)
        if reader is None:
            raise NotFoundError("there is no such thing", field="id")
        found: relay.Node = await reader(info, row_id)
        return found
