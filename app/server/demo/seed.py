"""The demo's world: real sites from the carried register sample, our chargers at some of them, a price, an operator.

Everything goes through the use cases, and a second run changes nothing but the chargers' passwords: those are made anew
each time, so that none is ever written to a file. A site without a charger of ours keeps its unknown plug and price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import as_file, files
from uuid import UUID

from sqlalchemy import func, select

from app.db.tenants import tenant_by_slug
from app.db.uow import Database
from app.domain.drivers.passwords import Passwords
from app.domain.operators.actor import COMMAND_LINE
from app.domain.operators.create_operator import create_operator
from app.domain.operators.list_operators import list_operators
from app.domain.operators.set_operator_password import set_operator_password
from app.domain.operators.tables import OperatorRole
from app.domain.pricing.assign_tariff import TariffPlace, assign_tariff
from app.domain.pricing.publish_tariff import publish_as_operator
from app.domain.pricing.tables import TariffRow
from app.domain.stations.import_locations import import_locations
from app.domain.stations.importing.bnetza import parse_bnetza
from app.domain.stations.tables import Charger, Connector, Evse, Location
from app.domain.tariffs import Tariff, simple_tariff
from app.kit.clock import Clock
from app.server.demo.chargers import DemoCharger, ensure_chargers
from app.server.demo.gather import gather_few

LEAST_SITES = 2000
TARIFF_NAME = "Voltlane demo, DC"
OPERATOR_EMAIL = "owner@demo.voltlane.invalid"
OPERATOR_PASSWORD = "demo-owner-password"  # noqa: S105  public on purpose: the demo serves loopback only
_SAMPLE = "bnetza_sample.csv.gz"


@dataclass(frozen=True, slots=True)
class World:
    """What the demo plays in."""

    tenant_id: UUID
    tenant_slug: str
    sites: int
    chargers: list[DemoCharger]


async def seed(database: Database, slug: str, clock: Clock) -> World:
    """Bring the tenant's data to what the demo needs. Raises what the use cases raise."""
    tenant = await tenant_by_slug(database, slug)
    await _ensure_sites(database, tenant.id, clock)
    chargers = await ensure_chargers(database, tenant.id, clock)
    await _ensure_price(database, tenant.id, clock, chargers)
    await _ensure_owner(database, tenant.id, clock)
    return World(tenant.id, slug, await _count_sites(database, tenant.id), chargers)


def demo_tariff() -> Tariff:
    """Return 0.59 EUR/kWh and, an hour after the energy ended, 0.10 EUR/min, VAT of 19 % included; 60 EUR are held."""
    return simple_tariff(
        id="VOLTLANE-DEMO-DC",
        currency="EUR",
        energy_per_kwh=Decimal("0.59"),
        idle_per_minute=Decimal("0.10"),
        idle_grace_minutes=60,
        vat_percent=Decimal(19),
        preauthorize_amount=Decimal(60),
        country_code="DE",
        party_id="VLD",
    )


async def _count_sites(database: Database, tenant_id: UUID) -> int:
    async with database.read(tenant_id) as session:
        return await session.scalar(select(func.count()).select_from(Location)) or 0


async def _ensure_sites(database: Database, tenant_id: UUID, clock: Clock) -> None:
    if await _count_sites(database, tenant_id) >= LEAST_SITES:
        return
    with as_file(files("app.server") / "data" / _SAMPLE) as sample:
        await import_locations(database, tenant_id, "bnetza", parse_bnetza(sample), clock=clock)


async def _ensure_price(database: Database, tenant_id: UUID, clock: Clock, chargers: Sequence[DemoCharger]) -> None:
    """Publish the tariff where it is missing and let it hold at the connectors of our chargers, nowhere else."""
    published = select(TariffRow.id).where(TariffRow.name == TARIFF_NAME, TariffRow.archived_at.is_(None))
    async with database.read(tenant_id) as session:
        tariff_id = await session.scalar(published)
    if tariff_id is None:
        tariff = await publish_as_operator(
            database,
            tenant_id,
            clock,
            demo_tariff(),
            name=TARIFF_NAME,
            tariff_id=None,
            is_default=False,
            actor=COMMAND_LINE,
        )
        tariff_id = tariff.id
    identities = [charger.identity for charger in chargers]
    served = select(Evse.id).join(Charger, Charger.id == Evse.charger_id).where(Charger.identity.in_(identities))
    without = select(Connector.id).where(Connector.evse_id.in_(served), Connector.tariff_id.is_distinct_from(tariff_id))
    async with database.read(tenant_id) as session:
        connector_ids = (await session.scalars(without)).all()
    await gather_few(
        assign_tariff(database, tenant_id, tariff_id, TariffPlace(connector_id=connector_id), actor=COMMAND_LINE)
        for connector_id in connector_ids
    )


async def _ensure_owner(database: Database, tenant_id: UUID, clock: Clock) -> None:
    """Make sure that the demo's owner can sign in with the password that will be printed."""
    passwords = Passwords()
    known = {operator.email: operator.id for operator in await list_operators(database, tenant_id)}
    if OPERATOR_EMAIL not in known:
        await create_operator(
            database,
            tenant_id,
            passwords=passwords,
            email=OPERATOR_EMAIL,
            name="Demo Owner",
            role=OperatorRole.OWNER,
            password=OPERATOR_PASSWORD,
            actor=COMMAND_LINE,
        )
        return
    await set_operator_password(
        database,
        tenant_id,
        clock,
        passwords=passwords,
        operator_id=known[OPERATOR_EMAIL],
        new_password=OPERATOR_PASSWORD,
        actor=COMMAND_LINE,
    )
