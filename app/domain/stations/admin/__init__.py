"""How operators keep their network: locations, EVSEs, connectors and chargers, each change with its audit entry."""
