"""`resetCharger`: the charger restarts."""

import strawberry

from app.domain.charging.commands import Reset, ResetKind
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.commands import charger_row_id, send
from bff.operators.types.charger import ChargerCommand


@strawberry.input
class ResetChargerInput:
    """SOFT ends charges properly first, HARD does not."""

    charger_id: strawberry.ID
    kind: ResetKind = ResetKind.SOFT


@payload()
class ResetChargerPayload:
    """The command with its outcome."""

    command: ChargerCommand | None = None


@strawberry.type
class ResetCharger:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def reset_charger(info: Info, input: ResetChargerInput) -> ResetChargerPayload:  # noqa: A002
        """Restart a charger."""
        command = Reset(kind=input.kind)
        sent = await send(info, charger_row_id(input.charger_id), command, "resetCharger")
        return ResetChargerPayload(command=sent)
