"""`changeAvailability`: a charger or one of its charging points is taken out of use, or back into it."""

import strawberry

from app.domain.operators.change_availability import change_availability
from app.domain.operators.permissions import Permission
from app.kit.errors import InvalidInputError
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.commands import charger_row_id, evse_target
from bff.operators.types.charger import ChargerCommand


@strawberry.input
class ChangeAvailabilityInput:
    """Exactly one of a charger (as a whole) and a charging point."""

    operative: bool
    charger_id: strawberry.ID | None = None
    evse_id: strawberry.ID | None = None


@payload()
class ChangeAvailabilityPayload:
    """The command with its outcome. Drivers are refused, or let, at once, whatever the charger answers."""

    command: ChargerCommand | None = None


@strawberry.type
class ChangeAvailability:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def change_availability(info: Info, input: ChangeAvailabilityInput) -> ChangeAvailabilityPayload:  # noqa: A002
        """Take a charger or a charging point out of use, or back into it; a running charge ends first."""
        context = info.context
        if input.charger_id is not None and input.evse_id is None:
            charger_id, evse_no = charger_row_id(input.charger_id), None
        elif input.evse_id is not None and input.charger_id is None:
            target = await evse_target(context, row_id(input.evse_id, "AdminEvse", "evseId"), "evseId")
            charger_id, evse_no = target.charger_id, target.evse_no
        else:
            raise InvalidInputError("Name either a charger or a charging point.", field="chargerId")
        row = await change_availability(
            context.services.charging,
            context.tenant_id,
            charger_id,
            evse_no=evse_no,
            operative=input.operative,
            actor=await acting(info),
        )
        return ChangeAvailabilityPayload(command=ChargerCommand.of(row))
