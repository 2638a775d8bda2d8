"""`setVariable`: one configuration value is written."""

import strawberry

from app.domain.charging.commands import SetVariable as SetCommand
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.commands import charger_row_id, send
from bff.operators.types.charger import ChargerCommand
from bff.operators.variable_input import VariableNameInput


@strawberry.input
class SetVariableInput:
    """What to write. A charger's password is replaced by `rotateChargerPassword` instead."""

    charger_id: strawberry.ID
    name: VariableNameInput
    value: str


@payload()
class SetVariablePayload:
    """The command with its outcome."""

    command: ChargerCommand | None = None


@strawberry.type
class SetVariable:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def set_variable(info: Info, input: SetVariableInput) -> SetVariablePayload:  # noqa: A002
        """Write one configuration value."""
        command = SetCommand(name=input.name.name(), value=input.value)
        return SetVariablePayload(command=await send(info, charger_row_id(input.charger_id), command, "setVariable"))
