"""Commands to chargers from the API: whose EVSE is meant, and the one payload they all answer.

A charger that refuses, is offline or silent is no user error: the stored command says so.
"""

from dataclasses import dataclass
from uuid import UUID

from app.domain.charging.commands import Command
from app.domain.operators.command_charger import command_charger
from app.domain.stations.tables import Connector, Evse
from app.kit.errors import NotFoundError
from bff.context import Context, Info
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.pages import read_one
from bff.operators.types.charger import ChargerCommand


@dataclass(frozen=True, slots=True)
class Target:
    """An EVSE as its charger knows it."""

    charger_id: UUID
    evse_no: int


async def evse_target(context: Context, evse_id: UUID, field: str) -> Target:
    """Return which charger serves an EVSE, under which number. Raises NotFoundError."""
    evse = await read_one(context, Evse, evse_id)
    if evse is None:
        raise NotFoundError("There is no such charging point.", field=field)
    if evse.charger_id is None or evse.ocpp_evse_no is None:
        raise NotFoundError("No charger serves this charging point.", field=field)
    return Target(evse.charger_id, evse.ocpp_evse_no)


async def connector_target(context: Context, connector_id: UUID, field: str) -> tuple[Target, int]:
    """Return which charger serves a connector's EVSE, and the connector's number. Raises NotFoundError."""
    connector = await read_one(context, Connector, connector_id)
    if connector is None:
        raise NotFoundError("There is no such connector.", field=field)
    return await evse_target(context, connector.evse_id, field), connector.number


async def send(info: Info, charger_id: UUID, command: Command, operation: str) -> ChargerCommand:
    """Send a command and return it with its outcome. Raises NotFoundError, InvalidInputError."""
    context = info.context
    row = await command_charger(
        context.services.charging,
        context.tenant_id,
        charger_id,
        command,
        operation=operation,
        actor=await acting(info),
    )
    return ChargerCommand.of(row)


def charger_row_id(text: str) -> UUID:
    """Return the row id of an input's `chargerId`. Raises NotFoundError."""
    return row_id(text, "Charger", "chargerId")
