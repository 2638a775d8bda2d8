"""Adding an EVSE with its connectors to a location."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.exc import IntegrityError

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.errors import evse_conflict
from app.domain.stations.admin.evse_fields import (
    ConnectorFields,
    EvseFields,
    apply_connector,
    apply_evse,
    check_charger,
    check_number,
    refresh_power,
)
from app.domain.stations.tables import Connector, Evse, Location
from app.kit.errors import InvalidInputError, NotFoundError
from app.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class NumberedConnector:
    """A connector by its number within the EVSE, counted from 1."""

    number: int
    fields: ConnectorFields


def check_numbers(connectors: list[NumberedConnector]) -> None:
    """Raise InvalidInputError unless each number is valid and given once."""
    for connector in connectors:
        check_number(connector.number, "connectors")
    if len({connector.number for connector in connectors}) != len(connectors):
        raise InvalidInputError("Each connector has a number of its own.", field="connectors")


async def create_evse(
    database: Database,
    tenant_id: UUID,
    location_id: UUID,
    given: EvseFields,
    connectors: list[NumberedConnector],
    *,
    actor: AdminActor,
) -> Evse:
    """Add an EVSE. Raises InvalidInputError, NotFoundError, EvseCodeTakenError, EvseNumberTakenError."""
    check_numbers(connectors)

    async def work(uow: UnitOfWork) -> Evse:
        if await uow.session.get(Location, location_id, with_for_update=True) is None:
            raise NotFoundError("There is no such location.", field="locationId")
        row_id = new_id()
        evse = Evse(id=row_id, location_id=location_id, source_uid=str(row_id))
        apply_evse(evse, given)
        await check_charger(uow, evse)
        uow.session.add(evse)
        await uow.session.flush()
        for connector in connectors:
            row = Connector(evse_id=evse.id, number=connector.number)
            apply_connector(row, connector.fields)
            uow.session.add(row)
        await refresh_power(uow, evse, from_connectors=evse.max_power_w is None)
        await uow.record(evse, "evse.created", {"locationId": str(location_id)})
        audited = {**given, "location_id": location_id, "connectors": [(c.number, c.fields) for c in connectors]}
        actor.record(uow, "createEvse", msgspec.to_builtins(audited), evse.id)
        await uow.session.refresh(evse)
        return evse

    try:
        return await database.transact(tenant_id, work)
    except IntegrityError as error:
        raise evse_conflict(error) or error from error
