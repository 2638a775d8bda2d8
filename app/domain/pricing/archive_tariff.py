"""Taking a tariff out of use. One that still holds anywhere stays: a charging point never loses its price unawares."""

from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.pricing.tables import TariffRow
from app.domain.stations.tables import Connector, Location
from app.kit.clock import Clock
from app.kit.errors import ConflictError, NotFoundError


class TariffInUseError(ConflictError):
    """The tariff is the default, or named by a connector or a location."""

    code = "TARIFF_IN_USE"

    def __init__(self) -> None:
        super().__init__("The tariff is in use: assign another one first.")


async def archive_tariff(
    database: Database, tenant_id: UUID, clock: Clock, tariff_id: UUID, *, actor: AdminActor
) -> TariffRow:
    """Archive a tariff; again changes nothing. Raises NotFoundError, TariffInUseError."""

    async def work(uow: UnitOfWork) -> TariffRow:
        row = await uow.session.get(TariffRow, tariff_id, with_for_update=True)
        if row is None:
            raise NotFoundError("There is no such tariff.", field="id")
        if row.archived_at is None:
            if row.is_default or await _is_assigned(uow, tariff_id):
                raise TariffInUseError
            row.archived_at = clock.now()
            actor.record(uow, "archiveTariff", {"name": row.name, "version": row.version}, row.id)
        return row

    return await database.transact(tenant_id, work)


async def _is_assigned(uow: UnitOfWork, tariff_id: UUID) -> bool:
    for table in (Connector, Location):
        if await uow.session.scalar(select(table.id).where(table.tariff_id == tariff_id).limit(1)) is not None:
            return True
    return False
