"""`unlockConnector`: a cable is released."""

import strawberry

from app.domain.charging.commands import UnlockConnector as UnlockCommand
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.commands import connector_target, send
from bff.operators.types.charger import ChargerCommand


@strawberry.input
class UnlockConnectorInput:
    """Which connector."""

    connector_id: strawberry.ID


@payload()
class UnlockConnectorPayload:
    """The command with its outcome."""

    command: ChargerCommand | None = None


@strawberry.type
class UnlockConnector:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def unlock_connector(info: Info, input: UnlockConnectorInput) -> UnlockConnectorPayload:  # noqa: A002
        """Release a connector's cable; a charger that charges there stops first or refuses."""
        connector_id = row_id(input.connector_id, "AdminConnector", "connectorId")
        target, number = await connector_target(info.context, connector_id, "connectorId")
        command = UnlockCommand(evse_no=target.evse_no, connector_no=number)
        return UnlockConnectorPayload(command=await send(info, target.charger_id, command, "unlockConnector"))
