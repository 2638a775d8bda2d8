"""`voltlane add-charger`: register chargers with everything that a first charge needs, and print what to set on them.

Without `--location` a charger gets an unpublished location of its own: it can be charged at by its code, and no driver
finds it on the map before somebody says where it is. Where the brand has no default tariff, development mode publishes
one and says so.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import or_, select

from app.db.uow import Database
from app.domain.operators.actor import COMMAND_LINE
from app.domain.pricing.publish_tariff import publish_as_operator
from app.domain.pricing.tables import TariffRow
from app.domain.stations.admin.create_charger import create_charger
from app.domain.stations.admin.create_evse import NumberedConnector, create_evse
from app.domain.stations.admin.create_location import create_location
from app.domain.stations.tables import Location
from app.domain.tariffs import simple_tariff
from app.kit.clock import SystemClock
from app.kit.errors import NotFoundError
from app.kit.ids import new_readable_code
from app.kit.settings import Mode, Settings
from app.server.address import charger_address
from app.server.cli.common import console, open_tenant

_DEFAULT_PRICE = Decimal("0.59")
_DEFAULT_VAT = Decimal(19)


@dataclass(frozen=True, slots=True)
class AddedCharger:
    """What is printed about a charger."""

    identity: str
    password: str
    evse_codes: tuple[str, ...]


def run_add_charger(
    identity: str,
    location: str | None,
    evses: int,
    max_power_w: int,
    count: int,
    *,
    data_dir: Path | None,
    tenant: str | None,
) -> None:
    """Add one charger, or `count` of them numbered 0001 and up with one password for all."""
    identities = [identity] if count == 1 else [f"{identity}{number:04d}" for number in range(1, count + 1)]
    asyncio.run(_add_all(identities, location, evses, max_power_w, data_dir, tenant))


async def _add_all(
    identities: Sequence[str],
    location: str | None,
    evses: int,
    max_power_w: int,
    data_dir: Path | None,
    tenant: str | None,
) -> None:
    async with open_tenant(data_dir, tenant) as (settings, databases, tenant_id):
        place = await _find_location(databases.app, tenant_id, location) if location else None
        password: str | None = None
        for identity in identities:
            added = await _add(databases.app, tenant_id, identity, place, evses, max_power_w, password)
            password = added.password
            _print(settings, tenant or settings.default_tenant, added)
        await _ensure_tariff(settings, databases.app, tenant_id)


async def _find_location(database: Database, tenant_id: UUID, text: str) -> UUID:
    try:
        by_id = [Location.id == UUID(text)]
    except ValueError:
        by_id = []
    async with database.read(tenant_id) as session:
        found = await session.scalar(select(Location.id).where(or_(Location.source_id == text, *by_id)))
    if found is None:
        raise NotFoundError(f"there is no location {text!r}", field="location")
    return found


async def _add(
    database: Database,
    tenant_id: UUID,
    identity: str,
    place: UUID | None,
    evses: int,
    max_power_w: int,
    password: str | None,
) -> AddedCharger:
    if place is None:
        place = await _unplaced(database, tenant_id, identity)
    made = await create_charger(
        database, tenant_id, identity=identity, location_id=place, actor=COMMAND_LINE, password=password
    )
    codes = []
    for number in range(1, evses + 1):
        code = f"DE*VLT*E{new_readable_code(6)}*{number}"
        await create_evse(
            database,
            tenant_id,
            place,
            {
                "charger_id": made.charger.id,
                "ocpp_evse_no": number,
                "evse_code": code,
                "physical_reference": str(number),
                "max_power_w": max_power_w,
            },
            [NumberedConnector(1, {"max_power_w": max_power_w})],
            actor=COMMAND_LINE,
        )
        codes.append(code)
    return AddedCharger(identity, made.password, tuple(codes))


async def _unplaced(database: Database, tenant_id: UUID, identity: str) -> UUID:
    row = await create_location(
        database,
        tenant_id,
        SystemClock(),
        {"name": identity, "latitude": Decimal(0), "longitude": Decimal(0), "published": False},
        actor=COMMAND_LINE,
    )
    return row.id


async def _ensure_tariff(settings: Settings, database: Database, tenant_id: UUID) -> None:
    async with database.read(tenant_id) as session:
        known = await session.scalar(select(TariffRow.id).where(TariffRow.is_default))
    if known is not None:
        return
    if settings.mode is Mode.PRODUCTION:
        console.print("The brand has no default tariff: publish one, else nobody can start a charge.")
        return
    tariff = simple_tariff(id="standard", currency="EUR", energy_per_kwh=_DEFAULT_PRICE, vat_percent=_DEFAULT_VAT)
    await publish_as_operator(
        database,
        tenant_id,
        SystemClock(),
        tariff,
        name="Standard",
        tariff_id=None,
        is_default=True,
        actor=COMMAND_LINE,
    )
    console.print(f"The brand had no tariff: {_DEFAULT_PRICE} EUR/kWh with {_DEFAULT_VAT} % VAT is its default now.")


def _print(settings: Settings, tenant: str, added: AddedCharger) -> None:
    address = charger_address(settings).replace("http", "ws", 1)
    lines = (
        f"OCPP URL:  {address}/ocpp/{tenant}/{added.identity}",
        f"User:      {added.identity}",
        f"Password:  {added.password}",
        f"EVSEs:     {', '.join(added.evse_codes)}",
        "",
    )
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
