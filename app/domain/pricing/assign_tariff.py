"""Saying where a tariff holds: at a connector, at a location, or as the brand's default."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.db.uow import Database, UnitOfWork
from app.domain.operators.actor import AdminActor
from app.domain.pricing.tables import TariffRow
from app.domain.stations.tables import Connector, Location
from app.kit.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True, slots=True)
class TariffPlace:
    """Exactly one of a connector, a location, or the brand's default."""

    connector_id: UUID | None = None
    location_id: UUID | None = None
    default: bool = False

    def __post_init__(self) -> None:
        named = (self.connector_id is not None) + (self.location_id is not None) + self.default
        if named != 1:
            raise InvalidInputError("Name one place: a connector, a location, or the default.")


async def assign_tariff(
    database: Database, tenant_id: UUID, tariff_id: UUID | None, place: TariffPlace, *, actor: AdminActor
) -> TariffRow | None:
    """Assign a tariff, or with None what lies further out: location, then default, then no price.

    The same again changes nothing. Raises NotFoundError (also for an archived tariff), InvalidInputError.
    """

    async def work(uow: UnitOfWork) -> TariffRow | None:
        # The tariff's lock keeps it from being archived meanwhile.
        tariff = await uow.session.get(TariffRow, tariff_id, with_for_update=True) if tariff_id else None
        if tariff_id is not None and (tariff is None or tariff.archived_at is not None):
            raise NotFoundError("There is no such tariff.", field="tariffId")
        if place.default:
            previous = await _make_default(uow, tariff)
        else:
            previous = await _assign(uow, place, tariff_id)
        if previous != tariff_id:
            given = {
                "place": _text(place),
                "tariff_id": str(tariff_id) if tariff_id else None,
                "previous": str(previous) if previous else None,
            }
            actor.record(uow, "assignTariff", given, place.connector_id or place.location_id or tenant_id)
        return tariff

    return await database.transact(tenant_id, work)


async def _make_default(uow: UnitOfWork, tariff: TariffRow | None) -> UUID | None:
    previous = await uow.session.scalar(select(TariffRow).where(TariffRow.is_default).with_for_update())
    if previous is not None and previous is not tariff:
        previous.is_default = False
        await uow.session.flush()
    if tariff is not None:
        tariff.is_default = True
    return previous.id if previous else None


async def _assign(uow: UnitOfWork, place: TariffPlace, tariff_id: UUID | None) -> UUID | None:
    target: Connector | Location | None
    if place.connector_id is not None:
        target = await uow.session.get(Connector, place.connector_id, with_for_update=True)
        field = "connectorId"
    else:
        target = await uow.session.get(Location, place.location_id, with_for_update=True)
        field = "locationId"
    if target is None:
        raise NotFoundError("There is no such place.", field=field)
    previous, target.tariff_id = target.tariff_id, tariff_id
    return previous


def _text(place: TariffPlace) -> str:
    if place.default:
        return "default"
    return f"connector:{place.connector_id}" if place.connector_id else f"location:{place.location_id}"
