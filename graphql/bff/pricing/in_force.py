"""Finds the tariff that holds at a connector, many connectors at once."""

from app.domain.pricing.in_force import falls_back_to_default, own_tariff_id
from app.domain.pricing.tables import TariffRow
from app.domain.stations.tables import Connector, Evse
from bff.context import Context


async def tariff_in_force(context: Context, evse: Evse, connector: Connector | None) -> TariffRow | None:
    """Return the tariff in force, None where no price is known: then no charge can be started there."""
    location = await context.loaders.locations.load(evse.location_id)
    if location is None:
        return None
    wanted = own_tariff_id(connector, location)
    if wanted is not None:
        row = await context.loaders.tariffs.load(wanted)
        return row if row is not None and row.archived_at is None else None
    return await context.loaders.default_tariff() if falls_back_to_default(evse) else None
