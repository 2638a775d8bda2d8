"""Tariffs in the database: publishing, choosing the one that holds at a connector, freezing it for a session.

A published tariff is replaced by a new version, never edited; a session is billed by the snapshot taken at its start.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db.uow import UnitOfWork
from app.domain.pricing.in_force import falls_back_to_default, own_tariff_id
from app.domain.pricing.tables import TariffRow, TariffSnapshot
from app.domain.stations.tables import Connector, Evse, Location
from app.domain.tariffs import Tariff, content_hash, parse_tariff
from app.domain.tariffs.serialize import tariff_to_json
from app.kit.errors import ConflictError, NotFoundError
from app.kit.ids import new_id


class NoTariffError(ConflictError):
    """No price is known here, so no charge can be started: a driver is never surprised."""

    code = "NO_TARIFF"


async def publish_tariff(
    uow: UnitOfWork, *, name: str, content: dict[str, Any], tariff_id: UUID | None = None, is_default: bool = False
) -> TariffRow:
    """Publish a new tariff, or the next version of one. Raises TariffError with the path of what is wrong."""
    tariff = parse_tariff(content)
    row = await _row(uow, tariff_id)
    row.name = name
    row.currency = tariff.currency
    row.content = tariff_to_json(tariff)
    row.content_hash = content_hash(tariff)
    if is_default and not row.is_default:
        await _clear_default(uow)
        row.is_default = True
    uow.session.add(row)
    await uow.session.flush()
    return row


async def _row(uow: UnitOfWork, tariff_id: UUID | None) -> TariffRow:
    if tariff_id is None:
        return TariffRow(version=1, is_default=False)
    row = await uow.session.get(TariffRow, tariff_id, with_for_update=True)
    if row is None or row.archived_at is not None:
        raise NotFoundError("there is no such tariff", field="tariffId")
    row.version += 1
    return row


async def _clear_default(uow: UnitOfWork) -> None:
    previous = await uow.session.scalar(select(TariffRow).where(TariffRow.is_default).with_for_update())
    if previous is not None:
        previous.is_default = False
        await uow.session.flush()


async def tariff_for(uow: UnitOfWork, evse: Evse, connector: Connector | None) -> TariffRow:
    """Return the tariff in force at a connector, by the rule of `in_force`. Raises NoTariffError."""
    location = await uow.session.get_one(Location, evse.location_id)
    wanted = own_tariff_id(connector, location)
    query = select(TariffRow).where(TariffRow.archived_at.is_(None))
    if wanted is not None:
        query = query.where(TariffRow.id == wanted)
    elif falls_back_to_default(evse):
        query = query.where(TariffRow.is_default)
    else:
        raise NoTariffError("no price is published for this charging point", field="evseId")
    row = await uow.session.scalar(query)
    if row is None:
        raise NoTariffError("no price is published for this charging point", field="evseId")
    return row


async def freeze(uow: UnitOfWork, row: TariffRow) -> TariffSnapshot:
    """Return the snapshot of a tariff's present content; the same content is stored once."""
    statement = insert(TariffSnapshot).values(
        id=new_id(),
        tenant_id=uow.tenant_id,
        tariff_id=row.id,
        version=row.version,
        content=row.content,
        content_hash=row.content_hash,
    )
    await uow.session.execute(
        statement.on_conflict_do_nothing(index_elements=["tenant_id", "tariff_id", "content_hash"])
    )
    snapshot = await uow.session.scalar(
        select(TariffSnapshot).where(
            TariffSnapshot.tariff_id == row.id, TariffSnapshot.content_hash == row.content_hash
        )
    )
    if snapshot is None:
        raise RuntimeError("a tariff snapshot vanished inside its transaction")
    return snapshot


def tariff_of(snapshot: TariffSnapshot) -> Tariff:
    """Return the rating engine's tariff of a snapshot."""
    return parse_tariff(snapshot.content)
