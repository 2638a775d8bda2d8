"""Locations and chargers."""

import strawberry
from sqlalchemy import or_, select

from app.domain.charging.tables import ChargerCommand as CommandRow
from app.domain.operators.permissions import Permission
from app.domain.stations.search_query import StationFilter, conditions
from app.domain.stations.tables import Charger as ChargerRow
from app.domain.stations.tables import Location
from app.kit.errors import InvalidInputError, NotFoundError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import query
from bff.ids import row_id
from bff.operators.pages import contains, newest_first, read_one
from bff.operators.types.charger import Charger, ChargerCommand
from bff.operators.types.network import AdminLocation
from bff.pagination import Connection
from bff.stations.queries import After, First

_MAX_TEXT = 200


def checked_text(text: str | None) -> str | None:
    """Return a search text, None for none. Raises InvalidInputError for one that is too long."""
    if text is not None and len(text) > _MAX_TEXT:
        raise InvalidInputError(f"A search text has at most {_MAX_TEXT} characters.", field="text")
    return (text or "").strip() or None


@strawberry.type
class NetworkQueries:
    """Queries about the network."""

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def admin_locations(
        info: Info, first: First, after: After = None, text: str | None = None
    ) -> Connection[AdminLocation]:
        """Return locations, the newest first; `text` finds them by name, operator or address."""
        wanted = select(Location).where(*conditions(StationFilter(text=checked_text(text))))
        return await newest_first(info.context, wanted, Location, AdminLocation.of, first=first, after=after)

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def admin_location(info: Info, id: strawberry.ID) -> AdminLocation:  # noqa: A002  the API's name
        """Return a location, published or not."""
        row = await info.context.loaders.locations.load(row_id(id, "AdminLocation", "id"))
        if row is None:
            raise NotFoundError("there is no such location", field="id")
        return AdminLocation.of(row)

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def chargers(
        info: Info, first: First, after: After = None, connected: bool | None = None, text: str | None = None
    ) -> Connection[Charger]:
        """Return chargers, the newest first; `text` finds them by identity, vendor, model or serial number."""
        wanted = select(ChargerRow)
        if connected is not None:
            wanted = wanted.where(ChargerRow.connected.is_(connected))
        pattern = checked_text(text)
        if pattern is not None:
            columns = (ChargerRow.identity, ChargerRow.vendor, ChargerRow.model, ChargerRow.serial_number)
            wanted = wanted.where(or_(*(column.ilike(contains(pattern), escape="\\") for column in columns)))
        return await newest_first(info.context, wanted, ChargerRow, Charger.of, first=first, after=after)

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def charger(info: Info, id: strawberry.ID) -> Charger:  # noqa: A002  the API's name
        """Return a charger."""
        row = await read_one(info.context, ChargerRow, row_id(id, "Charger", "id"))
        if row is None:
            raise NotFoundError("there is no such charger", field="id")
        return Charger.of(row)

    @query(OperatorField(Permission.VIEW_NETWORK))
    @staticmethod
    async def charger_commands(
        info: Info, charger_id: strawberry.ID, first: First, after: After = None
    ) -> Connection[ChargerCommand]:
        """Return what a charger was told to do, the newest first."""
        wanted = select(CommandRow).where(CommandRow.charger_id == row_id(charger_id, "Charger", "chargerId"))
        return await newest_first(info.context, wanted, CommandRow, ChargerCommand.of, first=first, after=after)
