"""Which tariff holds at a connector, as a rule without a database: for one connector as for a page of stations."""

from uuid import UUID

from app.domain.stations.tables import Connector, Evse, Location


def own_tariff_id(connector: Connector | None, location: Location) -> UUID | None:
    """Return the tariff named for a connector: its own, else its location's, else None."""
    return (connector.tariff_id if connector else None) or location.tariff_id


def falls_back_to_default(evse: Evse) -> bool:
    """Tell whether the brand's default tariff holds where none is named: only where a charger of ours serves."""
    return evse.charger_id is not None
