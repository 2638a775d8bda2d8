"""`rotateChargerPassword`: a new password, set on the charger over OCPP or, by force, by hand."""

import strawberry

from app.domain.charging.errors import ChargerOfflineError
from app.domain.operators.permissions import Permission
from app.domain.stations.admin.rotate_charger_password import rotate_charger_password
from bff.access import OperatorField
from bff.context import Info
from bff.fields import mutation, payload
from bff.ids import row_id
from bff.operators.actor import acting
from bff.operators.types.charger import Charger, ChargerCommand


@strawberry.input
class RotateChargerPasswordInput:
    """Which charger. `force`: the new password holds at once and somebody sets it on the charger by hand."""

    charger_id: strawberry.ID
    force: bool = False


@payload(ChargerOfflineError)
class RotateChargerPasswordPayload:
    """The command's outcome. `password` is shown this once, and null where the charger keeps its old one.

    Where the charger's answer is not known (command TIMED_OUT or FAILED), both passwords are accepted.
    """

    charger: Charger | None = None
    command: ChargerCommand | None = None
    password: str | None = None


@strawberry.type
class RotateChargerPassword:
    """The mutation."""

    @mutation(OperatorField(Permission.MANAGE_STATIONS))
    @staticmethod
    async def rotate_charger_password(
        info: Info,
        input: RotateChargerPasswordInput,  # noqa: A002
    ) -> RotateChargerPasswordPayload:
        """Give a charger a new password."""
        context = info.context
        rotated = await rotate_charger_password(
            context.services.charging,
            context.tenant_id,
            row_id(input.charger_id, "Charger", "chargerId"),
            force=input.force,
            actor=await acting(info),
        )
        command = ChargerCommand.of(rotated.command) if rotated.command else None
        return RotateChargerPasswordPayload(
            charger=Charger.of(rotated.charger), command=command, password=rotated.password
        )
