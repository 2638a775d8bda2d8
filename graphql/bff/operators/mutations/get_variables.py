"""`getVariables`: the charger's configuration is read."""

import strawberry

from app.domain.charging.commands import GetVariables as GetCommand
from app.domain.operators.permissions import Permission
from app.kit.errors import InvalidInputError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.commands import charger_row_id, send
from bff.operators.types.charger import ChargerCommand
from bff.operators.variable_input import VariableNameInput

_MAX_NAMES = 50


@strawberry.input
class GetVariablesInput:
    """Which variables; none means all (2.x: a report follows)."""

    charger_id: strawberry.ID
    names: list[VariableNameInput] = strawberry.field(default_factory=list)


@payload()
class GetVariablesPayload:
    """The command with its outcome."""

    command: ChargerCommand | None = None


@strawberry.type
class GetVariables:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def get_variables(info: Info, input: GetVariablesInput) -> GetVariablesPayload:  # noqa: A002
        """Read a charger's configuration; what it reports is shown as its `variables`."""
        if len(input.names) > _MAX_NAMES:
            raise InvalidInputError(f"At most {_MAX_NAMES} variables at once.", field="names")
        command = GetCommand(names=tuple(name.name() for name in input.names))
        sent = await send(info, charger_row_id(input.charger_id), command, "getVariables")
        return GetVariablesPayload(command=sent)
