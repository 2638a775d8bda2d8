"""Changing an EVSE: which charger serves it under which number, its code, its power, its connectors.

Connectors are added or changed by their number and never removed: sessions refer to them.
"""

from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.stations.admin.create_evse import NumberedConnector, check_numbers
from app.domain.stations.admin.errors import evse_conflict
from app.domain.stations.admin.evse_fields import (
    EvseFields,
    apply_connector,
    apply_evse,
    check_charger,
    refresh_power,
    require_idle,
)
from app.domain.stations.states import EvseStatus
from app.domain.stations.tables import Connector, Evse
from app.kit.errors import NotFoundError

_BINDING = frozenset({"charger_id", "ocpp_evse_no"})


async def update_evse(
    database: Database,
    tenant_id: UUID,
    evse_id: UUID,
    given: EvseFields,
    connectors: list[NumberedConnector],
    *,
    actor: AdminActor,
) -> Evse:
    """Change what is given. An EVSE that changes its charger is UNKNOWN until the new one reports.

    Raises InvalidInputError, NotFoundError, EvseBusyError, ChargerElsewhereError, EvseCodeTakenError,
    EvseNumberTakenError.
    """
    check_numbers(connectors)

    async def work(uow: UnitOfWork) -> Evse:
        evse = await uow.session.get(Evse, evse_id, with_for_update=True)
        if evse is None:
            raise NotFoundError("There is no such charging point.", field="id")
        changed = apply_evse(evse, given)
        if changed & _BINDING:
            await _rebind(uow, evse)
        plugs = await _change_connectors(uow, evse, connectors)
        if changed or plugs:
            await refresh_power(uow, evse, from_connectors=plugs and "max_power_w" not in given)
            await uow.record(evse, "evse.changed", {"changed": sorted(changed), "connectors": plugs})
            audited = {
                **{key: given[key] for key in sorted(changed)},  # type: ignore[literal-required]
                "connectors": [(c.number, c.fields) for c in connectors],
            }
            actor.record(uow, "updateEvse", msgspec.to_builtins(audited), evse.id)
        return evse

    try:
        return await database.transact(tenant_id, work)
    except IntegrityError as error:
        raise evse_conflict(error) or error from error


async def _rebind(uow: UnitOfWork, evse: Evse) -> None:
    with uow.session.no_autoflush:  # a number that is taken is told by the commit, not by a look-up here
        await require_idle(uow, evse)
        await check_charger(uow, evse)
    evse.status, evse.ocpp_status, evse.status_at, evse.fault_code = EvseStatus.UNKNOWN, None, None, None


async def _change_connectors(uow: UnitOfWork, evse: Evse, connectors: list[NumberedConnector]) -> bool:
    """Add or change connectors by number; return whether anything changed."""
    stored = {
        row.number: row for row in await uow.session.scalars(select(Connector).where(Connector.evse_id == evse.id))
    }
    changed = False
    for connector in connectors:
        row = stored.get(connector.number)
        if row is None:
            row = Connector(evse_id=evse.id, number=connector.number)
            uow.session.add(row)
            changed = True
        changed = bool(apply_connector(row, connector.fields)) or changed
    return changed
