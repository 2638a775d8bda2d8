"""The demo's world: real sites, our chargers at some of them, a price there and nowhere else, once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.db.tables import AuditEntry, Tenant
from app.db.uow import Database
from app.domain.drivers.passwords import Passwords
from app.domain.operators.tables import Operator, OperatorRole
from app.domain.pricing.tables import TariffRow
from app.domain.stations.charger_credentials import verify_charger_password
from app.domain.stations.tables import Charger, Connector, Evse, Location
from app.server.demo.chargers import PER_VERSION, DemoCharger
from app.server.demo.seed import LEAST_SITES, OPERATOR_EMAIL, OPERATOR_PASSWORD, seed
from tests.fakes.clock import FrozenClock

_COUNTED = (Location, Evse, Connector, Charger, TariffRow, Operator)


async def _counts(database: Database, tenant: Tenant) -> list[int]:
    async with database.read(tenant.id) as session:
        return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in _COUNTED]


async def _stored(database: Database, tenant: Tenant) -> dict[str, tuple[Charger, list[Any]]]:
    """Return the chargers by identity with their EVSEs and connectors by the charger's number."""
    async with database.read(tenant.id) as session:
        chargers = (await session.scalars(select(Charger))).all()
        rows = await session.execute(
            select(Evse, Connector)
            .join(Connector, Connector.evse_id == Evse.id)
            .where(Evse.charger_id.is_not(None))
            .order_by(Evse.ocpp_evse_no)
        )
        pairs = [(evse, connector) for evse, connector in rows]
    return {c.identity: (c, [pair for pair in pairs if pair[0].charger_id == c.id]) for c in chargers}


def _versions(chargers: Sequence[DemoCharger]) -> dict[str, int]:
    return {v: sum(charger.version == v for charger in chargers) for v in ("1.6", "2.0.1")}


async def test_the_world_is_whole_and_a_second_run_changes_only_passwords(app_db: Database, tenant: Tenant) -> None:
    world = await seed(app_db, tenant.slug, FrozenClock())
    assert world.sites >= LEAST_SITES
    assert _versions(world.chargers) == {"1.6": PER_VERSION, "2.0.1": PER_VERSION}

    stored = await _stored(app_db, tenant)
    assert set(stored) == {charger.identity for charger in world.chargers}
    for charger in world.chargers:
        row, served = stored[charger.identity]
        assert verify_charger_password(charger.password.encode(), row.password_hash or "")
        assert tuple(evse.evse_code for evse, _ in served) == charger.evse_codes
        assert [evse.ocpp_evse_no for evse, _ in served] == [1, 2]
        assert {evse.location_id for evse, _ in served} == {row.location_id}
        assert all(connector.standard is not None for _, connector in served)

    counts = await _counts(app_db, tenant)
    again = await seed(app_db, tenant.slug, FrozenClock())
    assert await _counts(app_db, tenant) == counts
    assert [c.evse_codes for c in again.chargers] == [c.evse_codes for c in world.chargers]
    assert [c.max_power_w for c in again.chargers] == [c.max_power_w for c in world.chargers]
    renewed = await _stored(app_db, tenant)
    for before, after in zip(world.chargers, again.chargers, strict=True):
        stored_hash = renewed[after.identity][0].password_hash or ""
        assert verify_charger_password(after.password.encode(), stored_hash)
        assert not verify_charger_password(before.password.encode(), stored_hash)


async def test_only_our_connectors_have_a_price_and_a_plug(app_db: Database, tenant: Tenant) -> None:
    await seed(app_db, tenant.slug, FrozenClock())
    async with app_db.read(tenant.id) as session:
        tariff = (await session.scalars(select(TariffRow))).one()
        priced = (
            await session.execute(
                select(Connector.tariff_id, Evse.charger_id)
                .join(Evse, Evse.id == Connector.evse_id)
                .where(Connector.tariff_id.is_not(None) | Connector.standard.is_not(None))
            )
        ).all()
        sites_priced = await session.scalar(select(func.count()).where(Location.tariff_id.is_not(None)))
    assert not tariff.is_default
    assert sites_priced == 0
    assert len(priced) == 4 * PER_VERSION
    assert all(tariff_id == tariff.id and charger_id is not None for tariff_id, charger_id in priced)


async def test_the_owner_can_sign_in_and_every_change_is_audited(app_db: Database, tenant: Tenant) -> None:
    await seed(app_db, tenant.slug, FrozenClock())
    async with app_db.read(tenant.id) as session:
        owner = (await session.scalars(select(Operator))).one()
        operations = dict(
            (await session.execute(select(AuditEntry.operation, func.count()).group_by(AuditEntry.operation))).all()
        )
    assert (owner.email, owner.role) == (OPERATOR_EMAIL, OperatorRole.OWNER)
    assert (await Passwords().verify(owner.password_hash, OPERATOR_PASSWORD)).ok
    assert operations == {
        "createCharger": 2 * PER_VERSION,
        "updateEvse": 4 * PER_VERSION,
        "publishTariff": 1,
        "assignTariff": 4 * PER_VERSION,
        "createOperator": 1,
    }
