"""Changing what is known of a connector: plug, format, power."""

from uuid import UUID

import msgspec

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.evse_fields import ConnectorFields, apply_connector, refresh_power
from app.domain.stations.tables import Connector, Evse
from app.kit.errors import NotFoundError


async def update_connector(
    database: Database, tenant_id: UUID, connector_id: UUID, given: ConnectorFields, *, actor: AdminActor
) -> Connector:
    """Change what is given; the EVSE's power follows. Raises NotFoundError, InvalidInputError."""

    async def work(uow: UnitOfWork) -> Connector:
        known = await uow.session.get(Connector, connector_id)
        if known is None:
            raise NotFoundError("There is no such connector.", field="id")
        evse = await uow.session.get_one(Evse, known.evse_id, with_for_update=True)
        connector = await uow.session.get_one(Connector, connector_id, with_for_update=True)
        changed = apply_connector(connector, given)
        if changed:
            await refresh_power(uow, evse, from_connectors="max_power_w" in changed)
            await uow.record(evse, "evse.changed", {"changed": [], "connectors": True})
            audited = {key: given[key] for key in sorted(changed)}  # type: ignore[literal-required]
            actor.record(uow, "updateConnector", msgspec.to_builtins(audited), connector.id)
        return connector

    return await database.transact(tenant_id, work)
