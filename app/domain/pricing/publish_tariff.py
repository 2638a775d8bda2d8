"""An operator publishes a tariff, or the next version of one. Sessions keep the price they began with."""

from dataclasses import replace
from uuid import UUID

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.pricing.store import publish_tariff
from app.domain.pricing.tables import TariffRow
from app.domain.tariffs import Tariff
from app.domain.tariffs.serialize import tariff_to_json
from app.kit.clock import Clock
from app.kit.errors import InvalidInputError

_MAX_NAME = 120


async def publish_as_operator(
    database: Database,
    tenant_id: UUID,
    clock: Clock,
    tariff: Tariff,
    *,
    name: str,
    tariff_id: UUID | None,
    is_default: bool,
    actor: AdminActor,
) -> TariffRow:
    """Publish; `is_default` makes it the brand's default and never unmakes it. A version keeps its tariff's OCPI id.

    Raises TariffError with the path of what is wrong, InvalidInputError, NotFoundError.
    """
    shown = name.strip()
    if not 1 <= len(shown) <= _MAX_NAME:
        raise InvalidInputError(f"A tariff has a name of at most {_MAX_NAME} characters.", field="name")

    async def work(uow: UnitOfWork) -> TariffRow:
        known = await uow.session.get(TariffRow, tariff_id) if tariff_id is not None else None
        ocpi_id = known.content["id"] if known is not None else tariff.id
        content = tariff_to_json(replace(tariff, id=ocpi_id, last_updated=clock.now()))
        row = await publish_tariff(uow, name=shown, content=content, tariff_id=tariff_id, is_default=is_default)
        row.updated_at = clock.now()
        await uow.session.flush()
        given = {
            "name": shown,
            "version": row.version,
            "hash": row.content_hash,
            "is_default": row.is_default,
            "content": content,
        }
        actor.record(uow, "publishTariff", given, row.id)
        return row

    return await database.transact(tenant_id, work)
