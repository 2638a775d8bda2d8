"""`triggerMessage`: the charger sends a message now."""

import strawberry

from app.domain.charging.commands import TriggerKind
from app.domain.charging.commands import TriggerMessage as TriggerCommand
from app.domain.operators.permissions import Permission
from app.kit.errors import InvalidInputError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.commands import charger_row_id, evse_target, send
from bff.operators.types.charger import ChargerCommand


@strawberry.input
class TriggerMessageInput:
    """Which charger sends what; `evseId` for one of its charging points."""

    charger_id: strawberry.ID
    kind: TriggerKind
    evse_id: strawberry.ID | None = None


@payload()
class TriggerMessagePayload:
    """The command with its outcome."""

    command: ChargerCommand | None = None


@strawberry.type
class TriggerMessage:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def trigger_message(info: Info, input: TriggerMessageInput) -> TriggerMessagePayload:  # noqa: A002
        """Ask a charger to send a message now."""
        charger_id, evse_no = charger_row_id(input.charger_id), None
        if input.evse_id is not None:
            target = await evse_target(info.context, row_id(input.evse_id, "AdminEvse", "evseId"), "evseId")
            if target.charger_id != charger_id:
                raise InvalidInputError("Another charger serves this charging point.", field="evseId")
            evse_no = target.evse_no
        command = TriggerCommand(kind=input.kind, evse_no=evse_no)
        return TriggerMessagePayload(command=await send(info, charger_id, command, "triggerMessage"))
