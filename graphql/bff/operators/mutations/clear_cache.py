"""`clearCache`: the charger forgets which cards it accepted."""

import strawberry

from app.domain.charging.commands import ClearCache as ClearCacheCommand
from app.domain.operators.permissions import Permission
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.operators.commands import charger_row_id, send
from bff.operators.types.charger import ChargerCommand


@strawberry.input
class ClearCacheInput:
    """Which charger."""

    charger_id: strawberry.ID


@payload()
class ClearCachePayload:
    """The command with its outcome."""

    command: ChargerCommand | None = None


@strawberry.type
class ClearCache:
    """The mutation."""

    @mutation(OperatorField(Permission.COMMAND_CHARGERS))
    @staticmethod
    async def clear_cache(info: Info, input: ClearCacheInput) -> ClearCachePayload:  # noqa: A002
        """Empty a charger's authorisation cache."""
        sent = await send(info, charger_row_id(input.charger_id), ClearCacheCommand(), "clearCache")
        return ClearCachePayload(command=sent)
