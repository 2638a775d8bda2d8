"""Taking a charger or one of its EVSEs out of use and back: drivers are refused at once, and the charger is told.

The operator's wish holds whatever the charger answers; where it is offline it still reports its own status later.
"""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import UnitOfWork
from app.domain.charging.commands import ChangeAvailability
from app.domain.charging.deps import Charging
from app.domain.charging.tables import ChargerCommand
from app.domain.operators.actor import AdminActor
from app.domain.operators.command_charger import command_charger
from app.domain.stations.tables import Charger, Evse


async def change_availability(
    deps: Charging, tenant_id: UUID, charger_id: UUID, *, evse_no: int | None, operative: bool, actor: AdminActor
) -> ChargerCommand:
    """Set whether a charger (no `evse_no`) or one EVSE is in use. Raises NotFoundError."""

    async def effect(uow: UnitOfWork, charger: Charger) -> None:
        if evse_no is None:
            charger.operative = operative
            await uow.record(charger, "charger.availability", {"operative": operative})
        query = select(Evse).where(Evse.charger_id == charger.id)
        if evse_no is not None:
            query = query.where(Evse.ocpp_evse_no == evse_no)
        for evse in await uow.session.scalars(query.order_by(Evse.id).with_for_update()):
            if evse_no is not None:
                evse.operative = operative
            await uow.record(evse, "evse.availability", {"operative": operative})

    command = ChangeAvailability(evse_no=evse_no, operative=operative)
    return await command_charger(
        deps, tenant_id, charger_id, command, operation="changeAvailability", actor=actor, effect=effect
    )
